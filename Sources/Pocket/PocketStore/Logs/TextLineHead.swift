import Encoding

/// The positions of the time, level and message in a line of the text format.
package struct TextLineHead {
    package var time: Range<Int>
    package var level: Range<Int>
    /// Where the message begins.
    package var message: Int

    /// `nil` if the line does not begin like the text format: a time, a word, a word, two spaces.
    package init?(_ line: UnsafeBufferPointer<UInt8>) {
        let end = Self.endOfWord(line, from: 0)
        guard (20...35).contains(end), RFC3339.parse(line[0..<end]) != nil else { return nil }
        time = 0..<end
        let start = Self.endOfBlanks(line, from: end)
        level = start..<Self.endOfWord(line, from: start)
        let service = Self.endOfBlanks(line, from: level.upperBound)
        let serviceEnd = Self.endOfWord(line, from: service)
        guard serviceEnd + 2 <= line.count, line[serviceEnd] == 0x20, line[serviceEnd + 1] == 0x20 else { return nil }
        message = serviceEnd + 2
    }

    /// The end of the message: before the first two spaces that are followed only by pairs, otherwise the end of the
    /// line.
    package static func endOfMessage(_ line: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var index = start
        // Quoted text may be scanned repeatedly; a line that needs this many attempts is not ours.
        var attempts = 64
        while index + 2 < line.count, attempts > 0 {
            if line[index] == 0x20, line[index + 1] == 0x20 {
                if arePairs(line, from: index + 2) { return index }
                attempts -= 1
            }
            index += 1
        }
        return line.count
    }

    /// Whether the rest of the line consists of `name=value` pairs separated by one space.
    private static func arePairs(_ line: UnsafeBufferPointer<UInt8>, from start: Int) -> Bool {
        var index = start
        while true {
            guard let end = endOfPair(line, from: index) else { return false }
            if end == line.count { return true }
            guard line[end] == 0x20 else { return false }
            index = end + 1
        }
    }

    private static func endOfPair(_ line: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        let equals = endOfPlain(line, from: start)
        guard equals > start, equals + 1 < line.count, line[equals] == UInt8(ascii: "=") else { return nil }
        var index = equals + 1
        guard line[index] == UInt8(ascii: "\"") else {
            let end = endOfPlain(line, from: index)
            return end > index ? end : nil
        }
        index += 1
        while index < line.count, line[index] != UInt8(ascii: "\"") {
            index += line[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        return index < line.count ? index + 1 : nil
    }

    /// The end of a run of characters other than space, `=` and quotation mark.
    private static func endOfPlain(_ line: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var index = start
        while index < line.count, line[index] > 0x20 {
            if line[index] == UInt8(ascii: "=") || line[index] == UInt8(ascii: "\"") { break }
            index += 1
        }
        return index
    }

    private static func endOfWord(_ line: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var index = start
        while index < line.count, line[index] > 0x20 { index += 1 }
        return index
    }

    private static func endOfBlanks(_ line: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var index = start
        while index < line.count, line[index] == 0x20 { index += 1 }
        return index
    }
}
