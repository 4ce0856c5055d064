import FileSystem
import Glibc

/// Keeps folders for this process alone, until it ends, however it ends. Two environments that write to one folder
/// would spoil each other's files.
///
/// The lock is one on a file in the folder (flock(2)), which the kernel gives up with the process; the file stays, and
/// holds the process id of the last that had it.
package final class FolderLock: Sendable {
    package static let fileName = ".lock"

    /// A folder that another process holds.
    package struct Taken: Error, CustomStringConvertible {
        var folder: String
        /// `nil` if it cannot be told.
        var pid: Int?

        package var description: String {
            "another tailspan up uses \(folder) (\(pid.map { "pid \($0)" } ?? "which process, cannot be told"))"
        }
    }

    private let descriptors: [Int32]

    /// Makes the folders and takes all of them, or none.
    /// - Throws: ``Taken`` or `Files.Failure`.
    package init(_ folders: [String]) throws {
        var descriptors: [Int32] = []
        // One folder may go by two names; a lock would be in its own way.
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

    /// The id that the holder wrote; `nil` if it has not done so yet.
    private static func holder(_ path: String) -> Int? {
        Files.text(path).flatMap { Int($0.prefix { $0.isNumber }) }
    }
}
