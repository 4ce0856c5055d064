import HTTP
import Logging
import Synchronization
import TraceContext
import Tracing

/// A log handler that keeps its lines in memory, with the ids that were current. Copies share their storage; safe to
/// use from any thread.
package struct InMemoryLogHandler: LogHandler {
    /// A logged line.
    package struct Entry: Sendable {
        package var level: Logger.Level
        package var message: String
        package var metadata: Logger.Metadata
        package var error: String?
        package var traceID: String?
        package var spanID: String?
        package var requestID: String?
    }

    private final class Storage: Sendable {
        let entries = Mutex<[Entry]>([])
    }

    private let storage = Storage()
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]

    package init(logLevel: Logger.Level = .trace) { self.logLevel = logLevel }

    /// The lines so far, in order.
    package var entries: [Entry] { storage.entries.withLock { $0 } }

    package func log(event: LogEvent) {
        var fields = metadata
        fields.merge(event.metadata)
        let span = ServiceContext.current?.spanContext
        let entry = Entry(
            level: event.level, message: event.message, metadata: fields,
            error: event.error.map { String(describing: $0) }, traceID: span?.traceID.description,
            spanID: span?.spanID.description, requestID: ServiceContext.current?.requestID)
        storage.entries.withLock { $0.append(entry) }
    }
}
