extension JSONValue {
    /// Parses one JSON text (RFC 8259), which only white space may surround.
    /// - Parameters:
    ///   - maximumDepth: the maximum nesting of arrays and objects; deeper input is refused instead of recursed into.
    ///   - maximumSize: the maximum estimated memory of the value in bytes, because a short text can contain very
    ///     many values.
    ///   - repairingText: whether bytes that are not UTF-8 and lone surrogates become U+FFFD. Used for telemetry,
    ///     where damaged text is better than none. Otherwise such input is refused.
    package init(
        parsing bytes: UnsafeBufferPointer<UInt8>, maximumDepth: Int = 64, maximumSize: Int = .max,
        repairingText: Bool = false
    ) throws(JSONError) {
        var parser = JSONParser(
            bytes: bytes, maximumDepth: maximumDepth, maximumSize: maximumSize, repairsText: repairingText)
        self = try parser.parseDocument()
    }

    package init(
        parsing bytes: [UInt8], maximumDepth: Int = 64, maximumSize: Int = .max, repairingText: Bool = false
    ) throws(JSONError) {
        let result: Result<JSONValue, JSONError> = bytes.withUnsafeBufferPointer { buffer in
            var parser = JSONParser(
                bytes: buffer, maximumDepth: maximumDepth, maximumSize: maximumSize, repairsText: repairingText)
            return Result { () throws(JSONError) in try parser.parseDocument() }
        }
        self = try result.get()
    }

    package init(parsing text: String) throws(JSONError) {
        try self.init(parsing: Array(text.utf8))
    }
}

/// A recursive-descent parser over borrowed bytes.
private struct JSONParser {
    let bytes: UnsafeBufferPointer<UInt8>
    let maximumDepth: Int
    let repairsText: Bool
    var index = 0
    var depth = 0
    /// The number of bytes the value may still take.
    var sizeLeft: Int

    /// The estimated size of an object or array without its members, of a member or element, and of a string too long
    /// to be stored inline.
    static let containerSize = 48
    static let memberSize = 24
    static let longTextSize = 48

    init(bytes: UnsafeBufferPointer<UInt8>, maximumDepth: Int, maximumSize: Int, repairsText: Bool) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
        self.repairsText = repairsText
        sizeLeft = maximumSize
    }

    mutating func charge(_ size: Int) throws(JSONError) {
        sizeLeft -= size
        guard sizeLeft >= 0 else {
            throw JSONError(message: "it holds more than is taken at once", offset: index, exceedsLimit: true)
        }
    }

    mutating func parseDocument() throws(JSONError) -> JSONValue {
        let value = try parseValue()
        skipWhitespace()
        guard index == bytes.count else { throw error("something follows the value") }
        return value
    }

    func error(_ message: String) -> JSONError { JSONError(message: message, offset: index) }

    mutating func skipWhitespace() {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x0A, 0x0D, 0x09: index += 1
            default: return
            }
        }
    }

    mutating func parseValue() throws(JSONError) -> JSONValue {
        skipWhitespace()
        guard index < bytes.count else { throw error("the text ends where a value was expected") }
        switch bytes[index] {
        case UInt8(ascii: "{"): return try parseObject()
        case UInt8(ascii: "["): return try parseArray()
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "t"):
            try expect("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try expect("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try expect("null")
            return .null
        default: return try parseNumber()
        }
    }

    mutating func expect(_ word: StaticString) throws(JSONError) {
        guard bytes.count - index >= word.utf8CodeUnitCount else { throw error("expected \(word)") }
        for offset in 0..<word.utf8CodeUnitCount where bytes[index + offset] != word.utf8Start[offset] {
            throw error("expected \(word)")
        }
        index += word.utf8CodeUnitCount
    }

    mutating func enter() throws(JSONError) {
        index += 1
        depth += 1
        try charge(Self.containerSize)
        guard depth <= maximumDepth else { throw error("nested deeper than \(maximumDepth)") }
    }

    mutating func parseObject() throws(JSONError) -> JSONValue {
        try enter()
        var members: [(name: String, value: JSONValue)] = []
        skipWhitespace()
        if index < bytes.count, bytes[index] == UInt8(ascii: "}") {
            index += 1
            depth -= 1
            return .object(JSONObject())
        }
        while true {
            skipWhitespace()
            guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else { throw error("expected a member name") }
            let name = try parseString()
            skipWhitespace()
            guard index < bytes.count, bytes[index] == UInt8(ascii: ":") else { throw error("expected ':'") }
            index += 1
            // A name takes as much as a value, and arrays reserve space to grow.
            try charge(3 * Self.memberSize)
            members.append((name, try parseValue()))
            skipWhitespace()
            guard index < bytes.count else { throw error("the object does not end") }
            let byte = bytes[index]
            guard byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") else { throw error("expected ',' or '}'") }
            index += 1
            if byte == UInt8(ascii: "}") { break }
        }
        depth -= 1
        return .object(JSONObject(members))
    }

    mutating func parseArray() throws(JSONError) -> JSONValue {
        try enter()
        var elements: [JSONValue] = []
        skipWhitespace()
        if index < bytes.count, bytes[index] == UInt8(ascii: "]") {
            index += 1
            depth -= 1
            return .array([])
        }
        while true {
            try charge(2 * Self.memberSize)
            elements.append(try parseValue())
            skipWhitespace()
            guard index < bytes.count else { throw error("the array does not end") }
            let byte = bytes[index]
            guard byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") else { throw error("expected ',' or ']'") }
            index += 1
            if byte == UInt8(ascii: "]") { break }
        }
        depth -= 1
        return .array(elements)
    }

    mutating func parseNumber() throws(JSONError) -> JSONValue {
        let start = index
        var isInteger = true
        if index < bytes.count, bytes[index] == UInt8(ascii: "-") { index += 1 }
        let firstDigit = index
        skipDigits()
        guard index > firstDigit else {
            index = start
            throw error("expected a value")
        }
        if bytes[firstDigit] == UInt8(ascii: "0"), index - firstDigit > 1 {
            throw error("a number may not start with 0")
        }
        if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
            isInteger = false
            index += 1
            let fraction = index
            skipDigits()
            guard index > fraction else { throw error("expected a digit") }
        }
        if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            index += 1
            if index < bytes.count, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") {
                index += 1
            }
            let exponent = index
            skipDigits()
            guard index > exponent else { throw error("expected a digit") }
        }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        if isInteger, let value = Int64(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else { throw error("the number is out of range") }
        return .double(value)
    }

    mutating func skipDigits() {
        while index < bytes.count, bytes[index] >= 48, bytes[index] <= 57 { index += 1 }
    }

    mutating func parseString() throws(JSONError) -> String {
        index += 1
        let start = index
        var allBits: UInt8 = 0
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "\""):
                let content = UnsafeBufferPointer(rebasing: bytes[start..<index])
                if content.count > 15 { try charge(Self.longTextSize + content.count) }
                // Most strings are ASCII and need no validation, which would cost more than everything else.
                guard
                    let text = allBits < 0x80 || repairsText
                        ? String(decoding: content, as: UTF8.self) : String(validating: content, as: UTF8.self)
                else { throw error("the string is not UTF-8") }
                index += 1
                return text
            case UInt8(ascii: "\\"): return try parseEscapedString(from: start)
            case 0..<0x20: throw error("a control character in a string must be escaped")
            default:
                allBits |= byte
                index += 1
            }
        }
        throw error("the string does not end")
    }

    mutating func parseEscapedString(from start: Int) throws(JSONError) -> String {
        var text = Array(bytes[start..<index])
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "\""):
                try charge(Self.longTextSize + text.count)
                guard
                    let string = repairsText
                        ? String(decoding: text, as: UTF8.self) : String(validating: text, as: UTF8.self)
                else { throw error("the string is not UTF-8") }
                index += 1
                return string
            case UInt8(ascii: "\\"):
                index += 1
                try parseEscape(into: &text)
            case 0..<0x20: throw error("a control character in a string must be escaped")
            default:
                text.append(byte)
                index += 1
            }
        }
        throw error("the string does not end")
    }

    mutating func parseEscape(into text: inout [UInt8]) throws(JSONError) {
        guard index < bytes.count else { throw error("the string does not end") }
        let escape = bytes[index]
        index += 1
        switch escape {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(escape)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            let code = try parseCodeUnit()
            var scalar = Unicode.Scalar(code)
            if scalar == nil { scalar = try parseLowSurrogate(after: code) }
            if scalar == nil, repairsText { scalar = "\u{FFFD}" }
            guard let scalar else { throw error("half a surrogate pair") }
            text.append(contentsOf: Array(String(Character(scalar)).utf8))
        default: throw error("unknown escape")
        }
    }

    /// Returns the scalar that starts with `high` if the other surrogate follows; otherwise nothing is consumed.
    mutating func parseLowSurrogate(after high: UInt32) throws(JSONError) -> Unicode.Scalar? {
        guard high < 0xDC00, bytes.count - index >= 6, bytes[index] == UInt8(ascii: "\\"),
            bytes[index + 1] == UInt8(ascii: "u")
        else { return nil }
        let start = index
        index += 2
        let low = try parseCodeUnit()
        guard low >= 0xDC00, low < 0xE000 else {
            index = start
            return nil
        }
        return Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
    }

    mutating func parseCodeUnit() throws(JSONError) -> UInt32 {
        guard bytes.count - index >= 4 else { throw error("expected four hex digits") }
        var code: UInt32 = 0
        for _ in 0..<4 {
            let byte = bytes[index]
            let lower = byte >= 65 && byte <= 70 ? byte | 0x20 : byte
            guard let value = Hex.value(lower) else { throw error("expected four hex digits") }
            code = code << 4 | UInt32(value)
            index += 1
        }
        return code
    }
}
