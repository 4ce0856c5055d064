import LogOutput
import Synchronization

/// Writes to a file with the system call until a replacement is set. Safe to use from any thread. Adds one relaxed load
/// to each write.
package final class ReplaceableFileWrite: Sendable {
    private let isReplaced = Atomic(false)
    private let replacement = Mutex<FileWrite?>(nil)

    package init() {}

    /// - Parameter write: the function to write with from now on; `nil` for the system call.
    package func replace(with write: FileWrite?) {
        replacement.withLock { $0 = write }
        isReplaced.store(write != nil, ordering: .relaxed)
    }

    package var write: FileWrite {
        { [self] descriptor, bytes in
            guard isReplaced.load(ordering: .relaxed), let write = replacement.withLock({ $0 }) else {
                return LogOutput.systemWrite(descriptor, bytes)
            }
            return write(descriptor, bytes)
        }
    }
}
