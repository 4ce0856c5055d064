import Glibc

/// A 64-bit program file in the Executable and Linkable Format, as used on Linux.
struct ELFFile {
    private let bytes: UnsafeRawBufferPointer

    /// Opens the running program's file. Does nothing if it cannot be read.
    static func withProgram(_ body: (ELFFile) -> Void) {
        let descriptor = open("/proc/self/exe", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_size > 64,
            let start = mmap(nil, Int(status.st_size), PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED
        else { return }
        defer { munmap(start, Int(status.st_size)) }
        body(ELFFile(bytes: UnsafeRawBufferPointer(start: start, count: Int(status.st_size))))
    }

    /// Calls `body` with each function's start offset, end offset (exclusive) and name.
    func forEachFunction(_ body: (_ start: UInt, _ end: UInt, _ name: UnsafePointer<CChar>) -> Void) {
        guard bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46, 2]) else { return }
        let sections = (0..<Int(load(60, as: UInt16.self))).map { Int(load(40, as: UInt64.self)) + $0 * 64 }
        for section in sections where load(section + 4, as: UInt32.self) == 2 {
            let strings = sections[Int(load(section + 40, as: UInt32.self))]
            let names = Int(load(strings + 24, as: UInt64.self))
            let first = Int(load(section + 24, as: UInt64.self))
            for symbol in stride(from: first, to: first + Int(load(section + 32, as: UInt64.self)), by: 24) {
                guard load(symbol + 4, as: UInt8.self) & 15 == 2, let base = bytes.baseAddress else { continue }
                let start = UInt(load(symbol + 8, as: UInt64.self))
                let name = base + names + Int(load(symbol, as: UInt32.self))
                body(start, start + UInt(load(symbol + 16, as: UInt64.self)), name.assumingMemoryBound(to: CChar.self))
            }
        }
    }

    private func load<Value: BitwiseCopyable>(_ offset: Int, as type: Value.Type) -> Value {
        bytes.loadUnaligned(fromByteOffset: offset, as: type)
    }
}
