import Glibc
import Testing

/// A disk that is full for one open file, until it is told to make room. `/dev/full` takes the place of the file behind
/// its descriptor.
struct FullDisk {
    private let descriptor: Int32
    private let kept: Int32

    /// - Parameter log: the path of a file that this process has open.
    init(log: String) throws {
        descriptor = try #require(
            (3..<1000).first { number in
                var target = [CChar](repeating: 0, count: 512)
                let count = readlink("/proc/self/fd/\(number)", &target, 511)
                guard count > 0 else { return false }
                return String(decoding: target.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self) == log
            })
        kept = dup(descriptor)
        let full = open("/dev/full", O_RDWR)
        dup2(full, descriptor)
        close(full)
    }

    func makeRoom() {
        dup2(kept, descriptor)
        close(kept)
    }
}
