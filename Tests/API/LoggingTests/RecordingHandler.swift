import Logging
import Synchronization

/// Keeps every line it is given.
struct RecordingHandler: LogHandler {
    final class Storage: Sendable {
        private let events = Mutex<[(event: LogEvent, loggerFields: Logger.Metadata)]>([])

        var all: [(event: LogEvent, loggerFields: Logger.Metadata)] { events.withLock { $0 } }
        var messages: [String] { all.map(\.event.message) }

        func add(_ event: LogEvent, _ loggerFields: Logger.Metadata) {
            events.withLock { $0.append((event, loggerFields)) }
        }
    }

    let storage = Storage()
    var logLevel: Logger.Level = .trace
    var metadata: Logger.Metadata = [:]

    func log(event: LogEvent) { storage.add(event, metadata) }
}
