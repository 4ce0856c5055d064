import Encoding
import TraceContext

/// A JSON object whose members are read by name and type. Errors name the member.
struct OTLPObject {
    private let json: JSONObject

    init(_ value: JSONValue) throws(OTLPDecodingError) {
        guard case .object(let object) = value else {
            throw OTLPDecodingError(message: "expected an object, found \(value.kind)")
        }
        json = object
    }

    private subscript(_ name: String) -> JSONValue? {
        guard let value = json[name], !value.isNull else { return nil }
        return value
    }

    private func mismatch(_ name: String, _ expected: String, _ value: JSONValue) -> OTLPDecodingError {
        let found =
            switch value {
            case .string, .integer, .double, .bool: "\(value.kind) \(value.description.prefix(80))"
            default: value.kind
            }
        return OTLPDecodingError(path: name, message: "expected \(expected), found \(found)")
    }

    /// Whether the member is present and not `null`.
    func has(_ name: String) -> Bool { self[name] != nil }

    func string(_ name: String) throws(OTLPDecodingError) -> String {
        guard let value = self[name] else { return "" }
        guard case .string(let text) = value else { throw mismatch(name, "a string", value) }
        return text
    }

    func bool(_ name: String) throws(OTLPDecodingError) -> Bool {
        guard let value = self[name] else { return false }
        guard case .bool(let flag) = value else { throw mismatch(name, "true or false", value) }
        return flag
    }

    /// A 64-bit integer: a decimal string, or a number.
    func int64(_ name: String) throws(OTLPDecodingError) -> Int64 {
        guard let value = self[name] else { return 0 }
        if case .string(let text) = value, let number = Int64(text) { return number }
        guard let number = value.integer else { throw mismatch(name, "a 64-bit integer as a string", value) }
        return number
    }

    /// An unsigned 64-bit integer: a decimal string, or a number.
    func uint64(_ name: String) throws(OTLPDecodingError) -> UInt64 {
        guard let value = self[name] else { return 0 }
        switch value {
        case .string(let text): if let number = UInt64(text) { return number }
        case .integer(let number): if number >= 0 { return UInt64(number) }
        case .double(let number): if let exact = UInt64(exactly: number) { return exact }
        default: break
        }
        throw mismatch(name, "nanoseconds since 1970 as a string", value)
    }

    func uint32(_ name: String) throws(OTLPDecodingError) -> UInt32 {
        guard let value = self[name] else { return 0 }
        if case .string(let text) = value, let number = UInt32(text) { return number }
        guard let number = value.integer, let result = UInt32(exactly: number) else {
            throw mismatch(name, "an unsigned 32-bit integer", value)
        }
        return result
    }

    /// An enum. OTLP/JSON allows only its number, not its name.
    func enumeration(_ name: String) throws(OTLPDecodingError) -> Int32 {
        guard let value = self[name] else { return 0 }
        guard let number = value.integer, let result = Int32(exactly: number) else {
            throw mismatch(name, "an enum as an integer", value)
        }
        return result
    }

    /// A double: a number, or a string such as `NaN`.
    func double(_ name: String) throws(OTLPDecodingError) -> Double {
        guard let value = self[name] else { return 0 }
        if let number = value.double { return number }
        switch value {
        case .string("NaN"): return .nan
        case .string("Infinity"): return .infinity
        case .string("-Infinity"): return -.infinity
        case .string(let text): if let number = Double(text) { return number }
        default: break
        }
        throw mismatch(name, "a number", value)
    }

    func bytes(_ name: String) throws(OTLPDecodingError) -> [UInt8] {
        guard let value = self[name] else { return [] }
        guard case .string(let text) = value, let bytes = Base64.parse(text.utf8) else {
            throw mismatch(name, "Base64", value)
        }
        return bytes
    }

    /// A trace id of 32 hex digits in either case; `nil` if it is missing, empty or all zero.
    func traceID(_ name: String) throws(OTLPDecodingError) -> TraceID? {
        guard let digits = try hex(name, 32) else { return nil }
        return TraceID(digits)
    }

    /// A span id of 16 hex digits in either case; `nil` if it is missing, empty or all zero.
    func spanID(_ name: String) throws(OTLPDecodingError) -> SpanID? {
        guard let digits = try hex(name, 16) else { return nil }
        return SpanID(digits)
    }

    private func hex(_ name: String, _ count: Int) throws(OTLPDecodingError) -> String? {
        guard let value = self[name], value != "" else { return nil }
        guard case .string(let text) = value, text.utf8.count == count else {
            throw mismatch(name, "\(count) hex digits", value)
        }
        let digits = text.lowercased()
        guard digits.utf8.allSatisfy({ Hex.value($0) != nil }) else {
            throw mismatch(name, "\(count) hex digits", value)
        }
        return digits
    }

    /// Reads a submessage; `nil` if it is missing.
    func object<Value>(
        _ name: String, _ body: (OTLPObject) throws(OTLPDecodingError) -> Value
    ) throws(OTLPDecodingError) -> Value? {
        guard let value = self[name] else { return nil }
        do {
            return try body(OTLPObject(value))
        } catch {
            throw error.inside(name)
        }
    }

    /// Reads a list of submessages; empty if it is missing.
    func elements<Value>(
        _ name: String, _ body: (OTLPObject) throws(OTLPDecodingError) -> Value
    ) throws(OTLPDecodingError) -> [Value] {
        guard let value = self[name] else { return [] }
        guard case .array(let elements) = value else { throw mismatch(name, "an array", value) }
        var result: [Value] = []
        result.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            do {
                result.append(try body(OTLPObject(element)))
            } catch {
                throw error.inside("\(name)[\(index)]")
            }
        }
        return result
    }

    /// The list of key-value pairs in the member `name`.
    func attributes(_ name: String = "attributes", depth: Int = 0) throws(OTLPDecodingError) -> [OTLPKeyValue] {
        try elements(name) { attribute throws(OTLPDecodingError) in
            let value = try attribute.object("value") { value throws(OTLPDecodingError) in
                try OTLPValue(json: value, depth: depth)
            }
            return OTLPKeyValue(key: try attribute.string("key"), value: value ?? .empty)
        }
    }
}

extension JSONValue {
    /// The type of the value, for messages.
    fileprivate var kind: String {
        switch self {
        case .null: "null"
        case .bool: "the boolean"
        case .integer, .double: "the number"
        case .string: "the string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
