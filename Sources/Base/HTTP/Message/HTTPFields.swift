/// Header fields in the order received (RFC 9110, section 5). Names are case-insensitive.
public struct HTTPFields: Sendable, Equatable, ExpressibleByDictionaryLiteral, Sequence {
    /// One field.
    public struct Field: Sendable, Equatable {
        /// The name in lower case.
        public let name: String
        /// The value without surrounding white space.
        public var value: String
    }

    private var fields: [Field] = []

    /// Creates fields from names and values.
    public init(dictionaryLiteral elements: (String, String)...) {
        fields.reserveCapacity(elements.count)
        for (name, value) in elements { append(name, value) }
    }

    /// The number of fields.
    public var count: Int { fields.count }

    /// The value of the field `name`; multiple values are joined with `, `. Assigning replaces all fields of that name;
    /// `nil` removes them. Lower-case names are fastest.
    public subscript(_ name: String) -> String? {
        get {
            let name = Self.lowercased(name)
            var result: String?
            for index in fields.indices where Self.same(fields[index].name, name) {
                let value = fields[index].value
                result = result.map { $0 + ", " + value } ?? value
            }
            return result
        }
        set {
            let name = Self.lowercased(name)
            if let index = fields.firstIndex(where: { Self.same($0.name, name) }) {
                if let newValue {
                    fields[index].value = newValue
                    if fields[(index + 1)...].contains(where: { Self.same($0.name, name) }) {
                        let first = fields[index]
                        fields.removeAll { $0.name == name }
                        fields.insert(first, at: Swift.min(index, fields.count))
                    }
                } else {
                    fields.removeAll { $0.name == name }
                }
            } else if let newValue {
                fields.append(Field(name: name, value: newValue))
            }
        }
    }

    /// All values of the field `name`, one per occurrence.
    public func values(of name: String) -> [String] {
        let name = Self.lowercased(name)
        return fields.filter { $0.name == name }.map(\.value)
    }

    /// Adds a field and keeps existing ones with the same name.
    public mutating func append(_ name: String, _ value: String) {
        fields.append(Field(name: Self.lowercased(name), value: value))
    }

    /// Adds a field as received, without the white space before the value. Names of up to 15 bytes need no heap
    /// allocation.
    mutating func append(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        let name = String(unsafeUninitializedCapacity: name.count) { buffer in
            for index in 0..<name.count {
                let byte = name[index]
                buffer[index] = byte &- 65 < 26 ? byte | 0x20 : byte
            }
            return name.count
        }
        var end = value.count
        while end > 0, value[end - 1] == 0x20 || value[end - 1] == 0x09 { end -= 1 }
        let text = UnsafeRawBufferPointer(rebasing: value[..<end])
        fields.append(Field(name: name, value: String(decoding: text, as: UTF8.self)))
    }

    /// Reserves space for `capacity` fields.
    public mutating func reserveCapacity(_ capacity: Int) { fields.reserveCapacity(capacity) }

    /// The fields, in order.
    public func makeIterator() -> IndexingIterator<[Field]> { fields.makeIterator() }

    private static func lowercased(_ name: String) -> String {
        var name = name
        return name.withUTF8 { $0.contains { $0 &- 65 < 26 } } ? name.lowercased() : name
    }

    /// Like `==`, but names of different lengths are compared without a function call.
    private static func same(_ left: String, _ right: String) -> Bool {
        left.utf8.count == right.utf8.count && left == right
    }
}
