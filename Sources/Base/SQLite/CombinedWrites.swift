import CSQLite
import Glibc

/// A file system for SQLite, like that of the system, except that a commit appends its pages to the write-ahead log with
/// one system call.
///
/// SQLite writes two pieces for each page, a header of 24 bytes and the page. Here the pieces wait in a buffer until the
/// last page of a commit, whose header says so. That write passes on the error of all, so that a commit fails just as it
/// would have failed; and nothing is left in the buffer once a commit has returned. What is not appended (pages written
/// again, headers with a new checksum) is not buffered.
///
/// It changes no file other than the log. It neither sorts nor delays anything beyond a commit, so a process that is
/// killed leaves what it would have left.
enum CombinedWrites {
    /// The name of the file system. The first access registers it.
    static let name: String = {
        guard let system = sqlite3_vfs_find(nil) else { return "" }
        let combined = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        combined.initialize(to: system.pointee)
        combined.pointee.pNext = nil
        combined.pointee.zName = UnsafePointer(strdup("tailspan"))
        combined.pointee.szOsFile = Int32(LogFile.size) + system.pointee.szOsFile
        combined.pointee.xOpen = { _, name, file, flags, outFlags in
            guard let file, let system = sqlite3_vfs_find(nil), let open = system.pointee.xOpen else {
                return SQLITE_CANTOPEN
            }
            guard flags & SQLITE_OPEN_WAL != 0 else { return open(system, name, file, flags, outFlags) }
            let log = LogFile.of(file)
            log.initialize(to: LogFile())
            let code = open(system, name, LogFile.real(file), flags, outFlags)
            guard code == SQLITE_OK else { return code }
            log.pointee.buffer = malloc(LogFile.capacity)
            log.pointee.base.pMethods = LogFile.methods.pointer
            return code
        }
        return sqlite3_vfs_register(combined, 0) == SQLITE_OK ? "tailspan" : ""
    }()
}

/// A write-ahead log with its buffer. The file of the system follows it in memory.
private struct LogFile {
    /// Must be first: SQLite knows nothing else of it.
    var base = sqlite3_file()
    var buffer: UnsafeMutableRawPointer?
    /// How many bytes wait in the buffer, and where in the file they belong.
    var count = 0
    var start: Int64 = 0
    /// Where the next piece goes if it is appended.
    var end: Int64 = -1
    /// Whether the header that was written last is that of a commit's last page.
    var endsCommit = false

    static let size = (MemoryLayout<LogFile>.size + 15) & ~15
    static let capacity = 128 << 10
    private static let headerSize: Int32 = 24

    static func of(_ file: UnsafeMutablePointer<sqlite3_file>) -> UnsafeMutablePointer<LogFile> {
        UnsafeMutableRawPointer(file).assumingMemoryBound(to: LogFile.self)
    }

    static func real(_ file: UnsafeMutablePointer<sqlite3_file>) -> UnsafeMutablePointer<sqlite3_file> {
        (UnsafeMutableRawPointer(file) + size).assumingMemoryBound(to: sqlite3_file.self)
    }

    static func write(
        _ file: UnsafeMutablePointer<sqlite3_file>, _ bytes: UnsafeRawPointer, _ count: Int32, at offset: Int64
    ) -> Int32 {
        let log = of(file)
        // A log begins with a header of its own, before any page.
        let isAppended = offset == log.pointee.end || offset == 0
        if !isAppended || offset != log.pointee.start + Int64(log.pointee.count)
            || log.pointee.count + Int(count) > capacity
        {
            let code = flush(file)
            guard code == SQLITE_OK else { return code }
        }
        log.pointee.end = offset + Int64(count)
        let isHeader = count == headerSize
        // The number after the page's own is zero unless the page is the last of a commit.
        if isHeader { log.pointee.endsCommit = bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self) != 0 }
        guard isAppended, Int(count) <= capacity, let buffer = log.pointee.buffer else {
            return pass(bytes, count, at: offset, to: file)
        }
        if log.pointee.count == 0 { log.pointee.start = offset }
        memcpy(buffer + log.pointee.count, bytes, Int(count))
        log.pointee.count += Int(count)
        return !isHeader && log.pointee.endsCommit ? flush(file) : SQLITE_OK
    }

    /// Writes what is in the buffer, and forgets it.
    static func flush(_ file: UnsafeMutablePointer<sqlite3_file>) -> Int32 {
        let log = of(file)
        guard log.pointee.count > 0, let buffer = log.pointee.buffer else { return SQLITE_OK }
        let count = Int32(log.pointee.count)
        log.pointee.count = 0
        let code = pass(buffer, count, at: log.pointee.start, to: file)
        // What comes next may be anything.
        if code != SQLITE_OK { log.pointee.end = -1 }
        return code
    }

    private static func pass(
        _ bytes: UnsafeRawPointer, _ count: Int32, at offset: Int64, to file: UnsafeMutablePointer<sqlite3_file>
    ) -> Int32 {
        let real = real(file)
        return real.pointee.pMethods.pointee.xWrite(real, bytes, count, offset)
    }

    /// Written once, before the first log is opened.
    struct Methods: @unchecked Sendable {
        let pointer: UnsafePointer<sqlite3_io_methods>
    }

    /// Whatever reads the log or its size sees what is in the buffer.
    static let methods: Methods = {
        var methods = sqlite3_io_methods()
        methods.iVersion = 1
        methods.xClose = { file in
            guard let file else { return SQLITE_OK }
            _ = flush(file)
            free(of(file).pointee.buffer)
            of(file).pointee.buffer = nil
            let real = real(file)
            return real.pointee.pMethods.pointee.xClose(real)
        }
        methods.xWrite = { file, bytes, count, offset in
            guard let file, let bytes else { return SQLITE_IOERR }
            return write(file, bytes, count, at: offset)
        }
        methods.xRead = { file, bytes, count, offset in
            flushed(file) { $0.pointee.pMethods.pointee.xRead($0, bytes, count, offset) }
        }
        methods.xTruncate = { file, size in
            if let file { of(file).pointee.end = -1 }
            return flushed(file) { $0.pointee.pMethods.pointee.xTruncate($0, size) }
        }
        methods.xSync = { file, flags in flushed(file) { $0.pointee.pMethods.pointee.xSync($0, flags) } }
        methods.xFileSize = { file, size in flushed(file) { $0.pointee.pMethods.pointee.xFileSize($0, size) } }
        methods.xLock = { file, level in flushed(file) { $0.pointee.pMethods.pointee.xLock($0, level) } }
        methods.xUnlock = { file, level in flushed(file) { $0.pointee.pMethods.pointee.xUnlock($0, level) } }
        methods.xCheckReservedLock = { file, result in
            flushed(file) { $0.pointee.pMethods.pointee.xCheckReservedLock($0, result) }
        }
        methods.xFileControl = { file, operation, argument in
            flushed(file) { $0.pointee.pMethods.pointee.xFileControl($0, operation, argument) }
        }
        methods.xSectorSize = { file in flushed(file) { $0.pointee.pMethods.pointee.xSectorSize($0) } }
        methods.xDeviceCharacteristics = { file in
            flushed(file) { $0.pointee.pMethods.pointee.xDeviceCharacteristics($0) }
        }
        let pointer = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
        pointer.initialize(to: methods)
        return Methods(pointer: UnsafePointer(pointer))
    }()

    private static func flushed(
        _ file: UnsafeMutablePointer<sqlite3_file>?, _ body: (UnsafeMutablePointer<sqlite3_file>) -> Int32
    ) -> Int32 {
        guard let file else { return SQLITE_IOERR }
        let code = flush(file)
        return code == SQLITE_OK ? body(real(file)) : code
    }
}
