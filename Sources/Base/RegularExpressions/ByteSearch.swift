import Glibc

extension UnsafeBufferPointer<UInt8> {
    /// Whether these bytes contain `needle`. The name differs from the standard library's search, which is far slower
    /// and would be used wherever this module is not imported.
    package func contains(text needle: [UInt8]) -> Bool { firstPlace(of: needle) != nil }

    /// The first position of `needle` in these bytes from `start` on; `nil` if it is not there.
    ///
    /// `memchr` finds its first byte faster than a loop could. If that byte is very frequent and the bytes after it
    /// nearly match, the search switches to an algorithm that looks at each byte a bounded number of times.
    package func firstPlace(of needle: [UInt8], from start: Int = 0) -> Int? {
        guard let first = needle.first else { return start }
        guard let base = baseAddress, start >= 0, count - start >= needle.count else { return nil }
        let last = base + (count - needle.count)
        var cursor = base + start
        var compared = 0
        while cursor <= last, let hit = memchr(cursor, Int32(first), last - cursor + 1) {
            let candidate = UnsafePointer(hit.assumingMemoryBound(to: UInt8.self))
            if memcmp(candidate, needle, needle.count) == 0 { return candidate - base }
            cursor = candidate + 1
            compared += needle.count
            if compared > 8 * count + 4096 { return linearPlace(of: needle, from: cursor - base) }
        }
        return nil
    }

    /// The same search with the Knuth–Morris–Pratt algorithm.
    private func linearPlace(of needle: [UInt8], from start: Int) -> Int? {
        // For each position of the needle, the length of the longest prefix that ends there.
        var borders = [Int](repeating: 0, count: needle.count)
        var length = 0
        for index in needle.indices.dropFirst() {
            while length > 0, needle[index] != needle[length] { length = borders[length - 1] }
            if needle[index] == needle[length] { length += 1 }
            borders[index] = length
        }
        length = 0
        for index in start..<count {
            while length > 0, self[index] != needle[length] { length = borders[length - 1] }
            if self[index] == needle[length] { length += 1 }
            if length == needle.count { return index + 1 - length }
        }
        return nil
    }
}
