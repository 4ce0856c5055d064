/// Writes JSON text directly into a ``ByteWriter`` without building a tree. Inserts commas automatically.
///
///     var json = JSONWriter()
///     json.object { $0.member("id", "t-1"); $0.member("amount", 5) }
package struct JSONWriter: ~Copyable {
    package var output: ByteWriter
    private var needsComma = false

    package init(capacity: Int = 512) { output = ByteWriter(capacity: capacity) }

    package var bytes: [UInt8] { output.bytes }
    package var string: String { output.string }

    package mutating func removeAll() {
        output.removeAll()
        needsComma = false
    }

    private mutating func separate() {
        if needsComma { output.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    package mutating func object<E: Error>(_ body: (inout JSONWriter) throws(E) -> Void) throws(E) {
        separate()
        output.append(UInt8(ascii: "{"))
        needsComma = false
        try body(&self)
        output.append(UInt8(ascii: "}"))
        needsComma = true
    }

    package mutating func array<E: Error>(_ body: (inout JSONWriter) throws(E) -> Void) throws(E) {
        separate()
        output.append(UInt8(ascii: "["))
        needsComma = false
        try body(&self)
        output.append(UInt8(ascii: "]"))
        needsComma = true
    }

    /// Writes a member's name. The caller must write its value next.
    package mutating func name(_ name: String) {
        separate()
        output.append(json: name)
        output.append(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func value(_ value: String) {
        separate()
        output.append(json: value)
    }
    package mutating func value(_ value: some BinaryInteger) {
        separate()
        output.append(decimal: value)
    }
    /// NaN and infinity, which JSON does not support, become `null`.
    package mutating func value(_ value: Double) {
        separate()
        output.append(json: value)
    }
    package mutating func value(_ value: Bool) {
        separate()
        value ? output.append("true") : output.append("false")
    }
    package mutating func null() {
        separate()
        output.append("null")
    }

    package mutating func member(_ name: String, _ value: String) {
        self.name(name)
        self.value(value)
    }
    package mutating func member(_ name: String, _ value: some BinaryInteger) {
        self.name(name)
        self.value(value)
    }
    package mutating func member(_ name: String, _ value: Double) {
        self.name(name)
        self.value(value)
    }
    package mutating func member(_ name: String, _ value: Bool) {
        self.name(name)
        self.value(value)
    }

    package mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let value): self.value(value)
        case .integer(let value): self.value(value)
        case .double(let value): self.value(value)
        case .string(let value): self.value(value)
        case .array(let values): array { for value in values { $0.value(value) } }
        case .object(let object):
            self.object {
                for member in object.members {
                    $0.name(member.name)
                    $0.value(member.value)
                }
            }
        }
    }
}

extension JSONValue: CustomStringConvertible {
    /// The value as compact JSON text.
    package var description: String {
        var writer = JSONWriter()
        writer.value(self)
        return writer.string
    }
}

extension ByteWriter {
    /// Appends a JSON number; `null` if it is not finite.
    package mutating func append(json value: Double) {
        guard value.isFinite else { return append("null") }
        if let integer = Int64(exactly: value), integer.magnitude < 1 << 53 {
            append(decimal: integer)
        } else {
            append(value.description)
        }
    }
}
