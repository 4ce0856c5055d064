import FileSystem
import Glibc

/// Reserves folders for this process until it ends, however it ends. Two environments that write to one folder would
/// corrupt each other's files.
///
/// It locks a file in the folder (flock(2)); the kernel releases the lock when the process ends. The file stays, and
/// contains the process id of the last holder.
package final class FolderLock: Sendable {
    package static let fileName = ".lock"

    /// A folder that another process has locked.
    package struct Taken: Error, CustomStringConvertible {
        var folder: String
        /// `nil` if unknown.
        var pid: Int?

        package var description: String {
            "another tailspan up uses \(folder) (\(pid.map { "pid \($0)" } ?? "which process, cannot be told"))"
        }
    }

    private let descriptors: [Int32]

    /// Creates the folders and locks all of them, or none.
    /// - Throws: ``Taken`` or `Files.Failure`.
    package init(_ folders: [String]) throws {
        var descriptors: [Int32] = []
        // The same folder may have two names; locking it twice would fail.
        var seen: Set<[UInt64]> = []
        do {
            for folder in folders {
                try Files.makeFolder(folder)
                let path = folder + "/" + Self.fileName
                let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
                guard descriptor >= 0 else { throw Files.Failure("write to", path, errno) }
                descriptors.append(descriptor)
                var status = stat()
                guard fstat(descriptor, &status) == 0 else { throw Files.Failure("look at", path, errno) }
                guard seen.insert([UInt64(status.st_dev), UInt64(status.st_ino)]).inserted else { continue }
                try Self.lock(descriptor, folder, path)
            }
        } catch {
            for descriptor in descriptors { close(descriptor) }
            throw error
        }
        self.descriptors = descriptors
    }

    deinit { for descriptor in descriptors { close(descriptor) } }

    private static func lock(_ descriptor: Int32, _ folder: String, _ path: String) throws {
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            if errno == EINTR { continue }
            guard errno == EWOULDBLOCK else { throw Files.Failure("lock", path, errno) }
            throw Taken(folder: folder, pid: holder(path))
        }
        let text = Array("\(getpid())\n".utf8)
        guard ftruncate(descriptor, 0) == 0, write(descriptor, text, text.count) == text.count else {
            throw Files.Failure("write to", path, errno)
        }
    }

    /// The process id that the holder wrote; `nil` if it has not written it yet.
    private static func holder(_ path: String) -> Int? {
        Files.text(path).flatMap { Int($0.prefix { $0.isNumber }) }
    }
}
