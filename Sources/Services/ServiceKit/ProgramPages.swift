import Glibc

/// The pages of the program's own code that are in this process's memory.
enum ProgramPages {
    /// Gives back the pages that only the start needed, which are most of them: the runtime looks at every type and the
    /// configuration at every setting. What is needed again comes back from the kernel's cache. Nothing is lost, since
    /// code is never written to; if it cannot be done, the pages stay.
    static func giveBack() {
        guard let file = fopen("/proc/self/maps", "r") else { return }
        defer { fclose(file) }
        var (line, capacity) = (UnsafeMutablePointer<CChar>?.none, 0)
        defer { free(line) }
        while getline(&line, &capacity, file) > 0, let line {
            let fields = String(cString: line).split(separator: " ", omittingEmptySubsequences: true)
            guard fields.count >= 6, fields[1] == "r-xp", isProgram(fields[5]) else { continue }
            let ends = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            guard ends.count == 2, let start = UnsafeMutableRawPointer(bitPattern: ends[0]) else { continue }
            madvise(start, Int(ends[1] - ends[0]), MADV_DONTNEED)
        }
    }

    private static func isProgram(_ path: Substring) -> Bool {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        guard count > 0 else { return false }
        let program = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return path.prefix { !$0.isNewline } == program
    }
}
