import Glibc
import PocketStore

/// Identifies a file independently of its name.
struct FileKey: Hashable, Sendable {
    var device: Int64
    var inode: Int64

    init(device: Int64, inode: Int64) {
        self.device = device
        self.inode = inode
    }

    init(_ status: stat) {
        device = Int64(bitPattern: UInt64(status.st_dev))
        inode = Int64(bitPattern: UInt64(status.st_ino))
    }
}

/// A position in a file, as stored with the lines.
struct TailPosition: Sendable, Equatable {
    /// Where the next line begins.
    var offset: Int64 = 0
    /// Whether the bytes at `offset` are the rest of a line that was cut.
    var isInCutLine = false
    /// How many of the file's first bytes ``headHash`` covers: it distinguishes a new file from one that had the same
    /// inode.
    var headLength = 0
    var headHash: Int64 = 0
}

/// An open log file. Not thread-safe.
final class TailedFile {
    static let headSize = 64

    let descriptor: Int32
    let key: FileKey
    /// The name that it is, or was, tailed under.
    let path: String
    let service: String
    /// The reading position; ahead of ``committed`` until the lines are stored.
    var position: TailPosition
    var committed: TailPosition
    /// Whether another file has its name now, so that it will end.
    var isRotated = false
    /// When it last became idle; `nil` while there is something new.
    var idleSince: UInt64?
    var size: Int64 = 0
    var isFinished = false

    /// Opens the file at `source`, which was tailed as `path`. `nil` if it cannot be opened.
    init?(_ source: String, path: String, service: String, expecting key: FileKey? = nil, at position: TailPosition?) {
        // A fifo or device would block or never end.
        let descriptor = open(source, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        var status = stat()
        guard descriptor >= 0, fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            key == nil || key == FileKey(status)
        else {
            if descriptor >= 0 { close(descriptor) }
            return nil
        }
        self.descriptor = descriptor
        self.key = FileKey(status)
        self.path = path
        self.service = service
        self.position = position ?? TailPosition()
        committed = self.position
        size = Int64(status.st_size)
        if !isSameFile { restart() }
    }

    deinit { close(descriptor) }

    /// Updates the size. A file that became shorter, or begins differently than before, was rewritten.
    func refresh() {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return }
        let newSize = Int64(status.st_size)
        if newSize != size || newSize < position.offset {
            size = newSize
            if !isSameFile { restart() }
        }
    }

    private var isSameFile: Bool {
        guard size >= position.offset else { return false }
        guard position.headLength > 0 else { return true }
        return hash(ofFirst: position.headLength) == position.headHash
    }

    private func restart() {
        position = TailPosition()
        idleSince = nil
    }

    private func hash(ofFirst count: Int) -> Int64? {
        var buffer = [UInt8](repeating: 0, count: count)
        guard pread(descriptor, &buffer, count, 0) == count else { return nil }
        return buffer.withUnsafeBufferPointer {
            var hash = ContentHash()
            hash.combine($0)
            return Int64(bitPattern: hash.value)
        }
    }

    /// Remembers the beginning of the file, up to the reading position.
    func rememberHead() {
        let length = Int(min(position.offset, Int64(Self.headSize)))
        guard length > position.headLength, let hash = hash(ofFirst: length) else { return }
        position.headLength = length
        position.headHash = hash
    }

    /// Reads at most `buffer`'s size from the position on; returns the number of bytes read.
    func read(into buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
        max(pread(descriptor, buffer.baseAddress, buffer.count, off_t(position.offset)), 0)
    }

    var lag: Int64 { max(size - position.offset, 0) }
}
