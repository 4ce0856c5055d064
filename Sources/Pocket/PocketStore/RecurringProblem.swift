import Logging
import Synchronization

/// A problem that every attempt meets until it is over, such as a full disk: said once, then counted, and said again when
/// it ends or becomes another. Safe to use from any thread.
package final class RecurringProblem: Sendable {
    private struct Occurrence {
        var description: String
        var count: Int
    }

    private let message: String
    private let recovery: String
    private let level: Logger.Level
    private let current = Mutex<Occurrence?>(nil)

    /// - Parameters:
    ///   - message: what fails, as a log line says it.
    ///   - recovery: what is said once it works again.
    package init(_ message: String, recovery: String, level: Logger.Level = .warning) {
        self.message = message
        self.recovery = recovery
        self.level = level
    }

    /// It failed with `error`: logged unless the attempt before failed alike.
    package func occurred(_ error: any Error, _ logger: Logger) {
        let description = String(describing: error)
        let isNew = current.withLock { current in
            if current?.description == description {
                current?.count += 1
                return false
            }
            current = Occurrence(description: description, count: (current?.count ?? 0) + 1)
            return true
        }
        if isNew { logger.log(level: level, "\(message); this is said once", error: error) }
    }

    /// It worked: logged if it had failed before, with how often.
    package func ended(_ logger: Logger) {
        let count = current.withLock { current -> Int in
            defer { current = nil }
            return current?.count ?? 0
        }
        if count > 0 { logger.info("\(recovery)", metadata: ["failures": "\(count)"]) }
    }
}
