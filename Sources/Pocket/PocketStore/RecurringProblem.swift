import Logging
import Synchronization

/// A problem that every attempt meets until it is over, such as a full disk. It is logged once, then counted, and
/// logged again when it ends or changes. Safe to use from any thread.
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
    ///   - message: the log message for the failure.
    ///   - recovery: the log message once it works again.
    package init(_ message: String, recovery: String, level: Logger.Level = .warning) {
        self.message = message
        self.recovery = recovery
        self.level = level
    }

    /// An attempt failed with `error`: logged unless the attempt before failed in the same way.
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

    /// An attempt succeeded: logged with the number of failures, if there were any.
    package func ended(_ logger: Logger) {
        let count = current.withLock { current -> Int in
            defer { current = nil }
            return current?.count ?? 0
        }
        if count > 0 { logger.info("\(recovery)", metadata: ["failures": "\(count)"]) }
    }
}
