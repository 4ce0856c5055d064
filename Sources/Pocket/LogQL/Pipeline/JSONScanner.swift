/// Scans JSON text without building a tree; the `json` stage and the log tailer read lines with it.
package struct JSONScanner {
    package enum Failure: String, Error {
        case notObject = "the line is not a JSON object"
        case truncated = "the line ends before the JSON does"
        case malformed = "the line is not valid JSON"
    }

    package enum Value {
        /// The range without the quotes.
        case string(Range<Int>, hasEscapes: Bool)
        /// A number, `true` or `false` as written.
        case literal(Range<Int>)
        case null
        /// The position of its opening brace.
        case object(at: Int)
        /// The position of its opening bracket.
        case array(at: Int)
    }

    let bytes: UnsafeBufferPointer<UInt8>
    private(set) var index: Int
    /// The member whose value was read last, or failed to be read.
    private(set) var lastName: Range<Int>?
    private(set) var lastNameHasEscapes = false

    package init(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int = 0) {
        self.bytes = bytes
        self.index = index
    }

    /// Calls `body` for every member of the object that begins here; `body` returns whether to continue.
    package mutating func members(
        _ body: (_ name: Range<Int>, _ nameHasEscapes: Bool, _ value: Value) throws(Failure) -> Bool
    ) throws(Failure) {
        skipSpace()
        guard index < bytes.count, bytes[index] == UInt8(ascii: "{") else { throw .notObject }
        index += 1
        skipSpace()
        if index < bytes.count, bytes[index] == UInt8(ascii: "}") {
            index += 1
            return
        }
        while true {
            skipSpace()
            guard index < bytes.count else { throw .truncated }
            // Like Loki's parser, accepts a trailing comma.
            if bytes[index] == UInt8(ascii: "}") {
                index += 1
                return
            }
            guard bytes[index] == UInt8(ascii: "\"") else { throw .malformed }
            let (name, hasEscapes) = try string()
            (lastName, lastNameHasEscapes) = (name, hasEscapes)
            skipSpace()
            guard index < bytes.count else { throw .truncated }
            guard bytes[index] == UInt8(ascii: ":") else { throw .malformed }
            index += 1
            let value = try self.value()
            guard try body(name, hasEscapes, value) else { return }
            skipSpace()
            guard index < bytes.count else { throw .truncated }
            let byte = bytes[index]
            index += 1
            if byte == UInt8(ascii: "}") { return }
            guard byte == UInt8(ascii: ",") else { throw .malformed }
        }
    }

    private mutating func skipSpace() {
        while index < bytes.count,
            bytes[index] == 0x20 || bytes[index] == 0x09 || bytes[index] == 0x0A
                || bytes[index] == 0x0D
        {
            index += 1
        }
    }

    private mutating func string() throws(Failure) -> (Range<Int>, Bool) {
        index += 1
        let start = index
        var hasEscapes = false
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                index += 1
                return (start..<index - 1, hasEscapes)
            case UInt8(ascii: "\\"):
                hasEscapes = true
                index += 2
            default: index += 1
            }
        }
        throw .truncated
    }

    private mutating func value() throws(Failure) -> Value {
        skipSpace()
        guard index < bytes.count else { throw .truncated }
        let start = index
        switch bytes[index] {
        case UInt8(ascii: "\""):
            let (range, hasEscapes) = try string()
            return .string(range, hasEscapes: hasEscapes)
        case UInt8(ascii: "{"):
            try skipNested()
            return .object(at: start)
        case UInt8(ascii: "["):
            try skipNested()
            return .array(at: start)
        default:
            while index < bytes.count, Self.isLiteral(bytes[index]) { index += 1 }
            return try literal(start..<index)
        }
    }

    private static func isLiteral(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."): true
        default: false
        }
    }

    private func literal(_ range: Range<Int>) throws(Failure) -> Value {
        guard let first = range.first else { throw .malformed }
        switch bytes[first] {
        case 48...57, UInt8(ascii: "-"): return .literal(range)
        case UInt8(ascii: "t") where equals(range, "true"), UInt8(ascii: "f") where equals(range, "false"):
            return .literal(range)
        case UInt8(ascii: "n") where equals(range, "null"): return .null
        default: throw .malformed
        }
    }

    /// Skips an object or array, ignoring brackets inside strings.
    private mutating func skipNested() throws(Failure) {
        var depth = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                _ = try string()
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 {
                    index += 1
                    return
                }
            default: break
            }
            index += 1
        }
        throw .truncated
    }

    /// The range of the object or array that begins at `start`.
    package func range(ofNestedAt start: Int) throws(Failure) -> Range<Int> {
        var scanner = JSONScanner(bytes, at: start)
        try scanner.skipNested()
        return start..<scanner.index
    }

    // MARK: Reading values

    package func equals(_ range: Range<Int>, _ text: String) -> Bool {
        range.count == text.utf8.count && bytes[range].elementsEqual(text.utf8)
    }

    package func text(_ range: Range<Int>, hasEscapes: Bool = false) -> String {
        let slice = UnsafeBufferPointer(rebasing: bytes[range])
        guard hasEscapes else { return String(decoding: slice, as: UTF8.self) }
        var result: [UInt8] = []
        result.reserveCapacity(slice.count)
        var position = 0
        while position < slice.count {
            guard slice[position] == UInt8(ascii: "\\"), position + 1 < slice.count else {
                result.append(slice[position])
                position += 1
                continue
            }
            let escape = slice[position + 1]
            position += 2
            switch escape {
            case UInt8(ascii: "n"): result.append(0x0A)
            case UInt8(ascii: "r"): result.append(0x0D)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "b"): result.append(0x08)
            case UInt8(ascii: "f"): result.append(0x0C)
            case UInt8(ascii: "u"): Self.appendUnicode(slice, &position, to: &result)
            default: result.append(escape)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Reads the four digits after `\u`, and the second half of a surrogate pair; an unpaired half becomes U+FFFD.
    private static func appendUnicode(
        _ slice: UnsafeBufferPointer<UInt8>, _ position: inout Int, to result: inout [UInt8]
    ) {
        func unit(_ start: Int) -> UInt32? {
            guard start + 4 <= slice.count else { return nil }
            return UInt32(String(decoding: slice[start..<start + 4], as: UTF8.self), radix: 16)
        }
        guard var code = unit(position) else { return }
        position += 4
        if code >= 0xD800, code < 0xDC00, position + 6 <= slice.count, slice[position] == UInt8(ascii: "\\"),
            slice[position + 1] == UInt8(ascii: "u"), let low = unit(position + 2), low >= 0xDC00, low < 0xE000
        {
            position += 6
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        let scalar = Unicode.Scalar(code) ?? "\u{FFFD}"
        result.append(contentsOf: Array(String(Character(scalar)).utf8))
    }
}
