import Encoding
import LogQL
import Vocabulary

/// The fields that the tailer extracts from a line: enough to store it, found without building a tree or a string per
/// field.
package struct LineFields {
    /// A field's value.
    struct Value {
        var range: Range<Int>
        /// Whether it contains JSON escapes.
        var hasEscapes: Bool
    }

    /// Nanoseconds since the Unix epoch; `nil` if the line has no readable time.
    package private(set) var time: UInt64?
    private(set) var level: Range<Int>?
    /// One for each name of ``MetadataNames``; reused from line to line.
    private var values: [Value?] = Array(repeating: nil, count: MetadataNames.sorted.count)
    /// Whether `error_type` and `error_message` are fields of the line itself, which take precedence over parts of its
    /// `error`.
    private var ownErrorFields: Set<Int> = []

    package init() {}

    init(_ line: UnsafeBufferPointer<UInt8>) { read(line) }

    /// Parses a line in the JSON or the text format; in any other line it finds what it can.
    package mutating func read(_ line: UnsafeBufferPointer<UInt8>) {
        time = nil
        level = nil
        if !ownErrorFields.isEmpty { ownErrorFields = [] }
        for index in values.indices { values[index] = nil }
        if line.first == UInt8(ascii: "{") { readJSON(line) } else { readText(line) }
    }

    /// The values that become structured metadata, sorted by name. Empty values are skipped.
    func forEachValue(_ body: (_ name: Int, Value) -> Void) {
        for (index, value) in values.enumerated() {
            if let value, !value.range.isEmpty { body(index, value) }
        }
    }

    // MARK: JSON

    private mutating func readJSON(_ line: UnsafeBufferPointer<UInt8>) {
        var scanner = JSONScanner(line)
        let reader = scanner
        do {
            try scanner.members { name, nameHasEscapes, value in
                guard !nameHasEscapes else { return true }
                switch value {
                case .string(let range, let hasEscapes):
                    take(line, name, Value(range: range, hasEscapes: hasEscapes))
                case .literal(let range):
                    takeMetadata(line, name, Value(range: range, hasEscapes: false))
                case .object(let start) where reader.equals(name, LogField.error): readError(line, at: start)
                case .object, .array, .null: break
                }
                return true
            }
        } catch {
            // The JSON is invalid: the line is kept as text, with what was found before the error.
        }
    }

    private mutating func readError(_ line: UnsafeBufferPointer<UInt8>, at start: Int) {
        var scanner = JSONScanner(line, at: start)
        let reader = scanner
        do {
            try scanner.members { name, _, value in
                guard case .string(let range, let hasEscapes) = value else { return true }
                let value = Value(range: range, hasEscapes: hasEscapes)
                if reader.equals(name, ErrorPart.type) { setPartOfError(MetadataNames.errorType, value) }
                if reader.equals(name, ErrorPart.message) { setPartOfError(MetadataNames.errorMessage, value) }
                return true
            }
        } catch {
            // The reader of the whole line meets the same error.
        }
    }

    private mutating func setPartOfError(_ name: Int, _ value: Value) {
        if !ownErrorFields.contains(name) { values[name] = value }
    }

    // MARK: Text

    private static let textErrorType = ErrorPart.field(of: ErrorPart.type)
    private static let textErrorMessage = ErrorPart.field(of: ErrorPart.message)

    /// `2026-11-20T16:32:01.123456Z INFO  gateway  message  trace_id=… key=value`: the pairs start after the first two
    /// spaces that are followed only by pairs. A line without such a head consists of pairs.
    private mutating func readText(_ line: UnsafeBufferPointer<UInt8>) {
        let head = TextLineHead(line)
        if let head {
            time = Self.time(line, head.time)
            level = head.level
            let message = head.message..<TextLineHead.endOfMessage(line, from: head.message)
            values[MetadataNames.message] = Value(range: message, hasEscapes: false)
            readPairs(line, from: message.upperBound)
        } else {
            readPairs(line, from: 0)
        }
    }

    private mutating func readPairs(_ line: UnsafeBufferPointer<UInt8>, from start: Int) {
        let reader = JSONScanner(line)
        LineParsers.pairs(line, from: start) { key, value, isQuoted in
            let value = Value(range: value, hasEscapes: isQuoted)
            if reader.equals(key, Self.textErrorType) {
                setPartOfError(MetadataNames.errorType, value)
            } else if reader.equals(key, Self.textErrorMessage) {
                setPartOfError(MetadataNames.errorMessage, value)
            } else {
                take(line, key, value)
            }
            return true
        }
    }

    // MARK: Common

    private mutating func take(_ line: UnsafeBufferPointer<UInt8>, _ name: Range<Int>, _ value: Value) {
        let reader = JSONScanner(line)
        if level == nil, !value.hasEscapes, reader.equals(name, LogField.level) {
            level = value.range
        } else if time == nil, !value.hasEscapes, reader.equals(name, LogField.timestamp) {
            time = Self.time(line, value.range)
        } else {
            takeMetadata(line, name, value)
        }
    }

    private mutating func takeMetadata(_ line: UnsafeBufferPointer<UInt8>, _ name: Range<Int>, _ value: Value) {
        guard let index = MetadataNames.index(of: UnsafeBufferPointer(rebasing: line[name])) else { return }
        if index == MetadataNames.errorType || index == MetadataNames.errorMessage { ownErrorFields.insert(index) }
        values[index] = value
    }

    private static func time(_ line: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> UInt64? {
        guard (20...35).contains(range.count) else { return nil }
        return RFC3339.parse(line[range])
    }

    // MARK: Levels

    /// The levels that become labels; a line cannot invent others, because each would be a stream of its own.
    package static let levels = [
        "trace", "debug", "info", "notice", "warning", "error", "critical", "warn", "fatal", "unknown",
    ]
    static let unknownLevel = levels.count - 1

    /// The index of the line's level in ``levels``.
    package func levelIndex(in line: UnsafeBufferPointer<UInt8>) -> Int {
        guard let level else { return Self.unknownLevel }
        return Self.levels.firstIndex { name in
            name.utf8.count == level.count && zip(name.utf8, line[level]).allSatisfy { $0 == $1 | 0x20 }
        } ?? Self.unknownLevel
    }
}
