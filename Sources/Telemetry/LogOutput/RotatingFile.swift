import Glibc

/// A log file that is rotated when it is full: `<service>.log` becomes `.1`, `.1` becomes `.2`, and so on.
///
/// A rotation never splits a line. If another process moves or removes the file, it is created again within a second.
struct RotatingFile: LogTarget, ~Copyable {
    private static let second: UInt64 = 1_000_000_000

    let path: String
    private let rotation: LogRotation
    private let fileWrite: FileWrite
    private var descriptor: Int32 = -1
    private var isRegular = true
    private var size = 0
    private var identity: Identity?
    /// Whether the last write ended within a line.
    private var isWithinLine = false
    private var nextCheck: UInt64 = 0
    private var nextRotation: UInt64 = 0
    /// Whether the next line starts a new file, whatever the size of this one.
    var isRotationDue = false

    private struct Identity: Equatable {
        var device: UInt
        var inode: UInt

        init(_ status: stat) {
            device = status.st_dev
            inode = status.st_ino
        }
    }

    var description: String { path }

    /// - Parameter fileWrite: writes to the open file.
    init(path: String, rotation: LogRotation, fileWrite: @escaping FileWrite = LogOutput.systemWrite) {
        self.fileWrite = fileWrite
        self.path = path
        self.rotation = rotation
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    // MARK: Writing

    mutating func write(_ lines: UnsafeBufferPointer<UInt8>, at nanoseconds: UInt64) -> LogWriteResult {
        var result = LogWriteResult()
        let wasWithinLine = isWithinLine
        if let failure = prepare(at: nanoseconds) {
            result.failure = failure
            return result
        }
        if wasWithinLine, !isWithinLine {
            // The first half of the line is in the old file, which is gone.
            result.consumed = lines.firstLineLength
            result.linesLost = 1
        }
        while result.consumed < lines.count {
            let rest = UnsafeBufferPointer(rebasing: lines[result.consumed...])
            let length = nextLength(of: rest, at: nanoseconds, &result.failure)
            if result.failure != nil { return result }
            let count = fileWrite(descriptor, UnsafeRawBufferPointer(start: rest.baseAddress, count: length))
            if count > 0 {
                result.consumed += count
                size += count
                isWithinLine = rest[count - 1] != UInt8(ascii: "\n")
            } else if count == 0 || errno != EINTR {
                result.failure = LogFailure(operation: "write", path: path, errno: count == 0 ? ENOSPC : errno)
                return result
            }
        }
        return result
    }

    /// Returns how much of `lines` fits into the file. Rotates first if not even one line fits.
    private mutating func nextLength(
        of lines: UnsafeBufferPointer<UInt8>, at nanoseconds: UInt64, _ failure: inout LogFailure?
    ) -> Int {
        if isWithinLine { return lines.firstLineLength }
        if isRotationDue, isRegular, size > 0 {
            isRotationDue = false
            if rotate() { failure = reopen() }
            if failure != nil { return 0 }
        }
        guard rotation.isOn, isRegular else { return lines.count }
        let length = lines.wholeLines(fitting: rotation.maxBytes - size)
        if length > 0 { return length }
        if size > 0, nanoseconds >= nextRotation {
            if rotate() {
                failure = reopen()
                if failure != nil { return 0 }
            } else {
                // Let the file grow: too large is better than lost.
                nextRotation = nanoseconds + RotatingFile.second
            }
        }
        return max(lines.wholeLines(fitting: rotation.maxBytes - size), lines.firstLineLength)
    }

    /// Increments the number of each file and drops the oldest. Returns `false` if the current file cannot be moved.
    private func rotate() -> Bool {
        for number in stride(from: rotation.maxFiles - 1, through: 1, by: -1) {
            // A file that does not exist yet is not an error.
            rename("\(path).\(number)", "\(path).\(number + 1)")
        }
        return rename(path, "\(path).1") == 0
    }

    // MARK: Opening

    /// Opens the file if it is not open, or if its name now refers to another file.
    mutating func prepare(at nanoseconds: UInt64) -> LogFailure? {
        if descriptor >= 0 {
            // Also checked if the clock was set back.
            guard nanoseconds >= nextCheck || nanoseconds + RotatingFile.second < nextCheck else { return nil }
            nextCheck = nanoseconds + RotatingFile.second
            var status = stat()
            if stat(path, &status) == 0, Identity(status) == identity {
                size = Int(status.st_size)
                return nil
            }
        }
        nextCheck = nanoseconds + RotatingFile.second
        return reopen()
    }

    private mutating func reopen() -> LogFailure? {
        // Closed last, so that the system cannot reuse the old file's identity for the new file.
        let old = descriptor
        descriptor = -1
        defer { if old >= 0 { close(old) } }
        if let failure = makeFolder() { return failure }
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0o644)
        guard descriptor >= 0 else { return LogFailure(operation: "open", path: path, errno: errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return LogFailure(operation: "open", path: path, errno: errno) }
        let isSame = Identity(status) == identity
        identity = Identity(status)
        isRegular = status.st_mode & S_IFMT == S_IFREG
        size = Int(status.st_size)
        if !isSame {
            isWithinLine = false
            endCutLine()
        }
        return nil
    }

    /// A killed process or a full disk may have left half a line. End it, so that the next line stands alone.
    private mutating func endCutLine() {
        guard isRegular, size > 0 else { return }
        let reader = open(path, O_RDONLY | O_CLOEXEC)
        // A file that is writable but not readable is used as it is.
        guard reader >= 0 else { return }
        defer { close(reader) }
        var last: UInt8 = 0
        guard pread(reader, &last, 1, off_t(size - 1)) == 1, last != UInt8(ascii: "\n") else { return }
        if Glibc.write(descriptor, "\n", 1) == 1 { size += 1 }
    }

    /// A file has no reader to wait for.
    func waitForRoom(milliseconds: Int32) -> Bool { false }

    private func makeFolder() -> LogFailure? {
        guard let end = path.lastIndex(of: "/"), end > path.startIndex else { return nil }
        let folder = path[..<end]
        if access(String(folder), F_OK) == 0 { return nil }
        for index in folder.indices.dropFirst() where folder[index] == "/" {
            // If a parent directory cannot be created, the last one fails.
            mkdir(String(folder[..<index]), 0o755)
        }
        guard mkdir(String(folder), 0o755) == 0 || errno == EEXIST else {
            return LogFailure(operation: "create the folder", path: String(folder), errno: errno)
        }
        return nil
    }
}
