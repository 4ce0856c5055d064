import LogOutput
import Synchronization

/// Writes to a file as the system does, until something takes its place. Safe to use from any thread; a write costs one
/// relaxed load more.
package final class ReplaceableFileWrite: Sendable {
    private let isReplaced = Atomic(false)
    private let replacement = Mutex<FileWrite?>(nil)

    package init() {}

    /// - Parameter write: what writes from now on; `nil` for the system.
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
