import Encoding

/// What the tailer takes out of a line: enough to file it, found without building a tree or a string a field.
struct LineFields {
    /// Nanoseconds since the Unix epoch; `nil` if the line names no time that can be read.
    var time: UInt64?
    var level: Range<Int>?
    var traceID: Range<Int>?
    var spanID: Range<Int>?
    var requestID: Range<Int>?

    private var isComplete: Bool {
        time != nil && level != nil && traceID != nil && spanID != nil && requestID != nil
    }

    /// Reads a line in the JSON or the text format; in any other it finds what it can.
    init(_ line: UnsafeBufferPointer<UInt8>) {
        if line.first == UInt8(ascii: "{") { readJSON(line) } else { readText(line) }
    }

    private mutating func readJSON(_ line: UnsafeBufferPointer<UInt8>) {
        var scanner = JSONScanner(line)
        let reader = scanner
        do {
            try scanner.members { name, _, value in
                guard case .string(let range, let hasEscapes) = value, !hasEscapes else { return true }
                switch name.count {
                case 5 where level == nil && reader.equals(name, "level"): level = range
                case 7 where spanID == nil && reader.equals(name, "span_id"): spanID = range
                case 8 where traceID == nil && reader.equals(name, "trace_id"): traceID = range
                case 9 where time == nil && reader.equals(name, "timestamp"): time = Self.time(line, range)
                case 10 where requestID == nil && reader.equals(name, "request_id"): requestID = range
                default: return true
                }
                return !isComplete
            }
        } catch {
            // Not JSON to its end: the line is kept as text with what was found before the fault.
        }
    }

    /// `2026-11-20T16:32:01.123456Z INFO  gateway  message  trace_id=… span_id=… request_id=…`
    private mutating func readText(_ line: UnsafeBufferPointer<UInt8>) {
        let first = Self.word(line, from: 0)
        time = Self.time(line, first)
        if time != nil { level = Self.word(line, from: first.upperBound) }
        LineParsers.pairs(line, from: time == nil ? 0 : first.upperBound) { key, value, isQuoted in
            guard !isQuoted else { return true }
            let reader = JSONScanner(line)
            switch key.count {
            case 5 where level == nil && reader.equals(key, "level"): level = value
            case 7 where reader.equals(key, "span_id"): spanID = value
            case 8 where reader.equals(key, "trace_id"): traceID = value
            case 9 where time == nil && reader.equals(key, "timestamp"): time = Self.time(line, value)
            case 10 where reader.equals(key, "request_id"): requestID = value
            default: break
            }
            return true
        }
    }

    private static func word(_ line: UnsafeBufferPointer<UInt8>, from start: Int) -> Range<Int> {
        var begin = start
        while begin < line.count, line[begin] <= 0x20 { begin += 1 }
        var end = begin
        while end < line.count, line[end] > 0x20 { end += 1 }
        return begin..<end
    }

    private static func time(_ line: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> UInt64? {
        guard (20...35).contains(range.count) else { return nil }
        return RFC3339.parse(line[range])
    }

    // MARK: Levels

    /// The levels that become labels; a line cannot make up others, for each would be a stream of its own.
    static let levels = [
        "trace", "debug", "info", "notice", "warning", "error", "critical", "warn", "fatal", "unknown",
    ]
    static let unknownLevel = levels.count - 1

    /// The place of the line's level in ``levels``.
    func levelIndex(in line: UnsafeBufferPointer<UInt8>) -> Int {
        guard let level else { return Self.unknownLevel }
        return Self.levels.firstIndex { name in
            name.utf8.count == level.count && zip(name.utf8, line[level]).allSatisfy { $0 == $1 | 0x20 }
        } ?? Self.unknownLevel
    }
}
