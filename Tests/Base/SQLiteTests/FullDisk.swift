import Foundation
import Glibc
import Testing

/// A disk that is full for one open file, until it is told to make room. `/dev/full` takes the place of the file behind
/// its descriptor.
struct FullDisk {
    private let descriptor: Int32
    private let kept: Int32

    /// - Parameter log: the path of a file that this process has open.
    init(log: String) throws {
        let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { Int32($0) }
        descriptor = try #require(open.first { Self.path($0) == log }, "\(log) is not open")
        kept = dup(descriptor)
        let full = Glibc.open("/dev/full", O_RDWR)
        dup2(full, descriptor)
        close(full)
    }

    private static func path(_ descriptor: Int32) -> String? {
        var target = [CChar](repeating: 0, count: 512)
        let count = readlink("/proc/self/fd/\(descriptor)", &target, 511)
        return count > 0 ? String(decoding: target.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
    }

    func makeRoom() {
        dup2(kept, descriptor)
        close(kept)
    }
}
