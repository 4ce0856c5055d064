import Glibc

extension UnsafeBufferPointer<UInt8> {
    /// Whether `needle` is somewhere in these bytes: `memchr` finds its first byte faster than a loop could.
    package func contains(_ needle: [UInt8]) -> Bool {
        guard let first = needle.first else { return true }
        guard var cursor = baseAddress, count >= needle.count else { return false }
        let last = cursor + (count - needle.count)
        while cursor <= last, let hit = memchr(cursor, Int32(first), last - cursor + 1) {
            let candidate = hit.assumingMemoryBound(to: UInt8.self)
            if memcmp(candidate, needle, needle.count) == 0 { return true }
            cursor = UnsafePointer(candidate) + 1
        }
        return false
    }
}
