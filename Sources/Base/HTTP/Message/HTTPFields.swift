/// Header fields in the order received (RFC 9110, section 5). Names are case-insensitive.
public struct HTTPFields: Sendable, Equatable, ExpressibleByDictionaryLiteral, Sequence {
    /// One field.
    public struct Field: Sendable, Equatable {
        /// The name in lower case.
        public let name: String
        /// The value without surrounding white space.
        public var value: String
    }

    private var stored: [Field] = []
    /// The fields as they came, until somebody changes them.
    private var raw: RawHead?

    init(_ raw: RawHead) { self.raw = raw }

    /// All fields as strings.
    private var fields: [Field] {
        get {
            guard let raw else { return stored }
            return Self.fields(of: raw)
        }
        _modify {
            if let raw {
                stored = Self.fields(of: raw)
                self.raw = nil
            }
            yield &stored
        }
    }

    private static func fields(of raw: RawHead) -> [Field] {
        (0..<raw.count).map { Field(name: raw.name($0), value: raw.value($0)) }
    }

    /// Fields are equal if they have the same names and values in the same order.
    public static func == (left: HTTPFields, right: HTTPFields) -> Bool { left.fields == right.fields }

    /// Creates fields from names and values.
    public init(dictionaryLiteral elements: (String, String)...) {
        fields.reserveCapacity(elements.count)
        for (name, value) in elements { append(name, value) }
    }

    /// The number of fields.
    public var count: Int { raw?.count ?? stored.count }

    /// The value of the field `name`; multiple values are joined with `, `. Assigning replaces all fields of that name;
    /// `nil` removes them. Lower-case names are fastest.
    public subscript(_ name: String) -> String? {
        get {
            if let value = value(of: name) { return value }
            // Names in the code are in lower case, and most are found as they are.
            let lowercased = Self.lowercased(name)
            return lowercased == name ? nil : value(of: lowercased)
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

    /// The value of the field `name`, which is in lower case.
    private func value(of name: String) -> String? {
        if let raw { return raw.value(of: name) }
        var result: String?
        for index in stored.indices where Self.same(stored[index].name, name) {
            let value = stored[index].value
            result = result.map { $0 + ", " + value } ?? value
        }
        return result
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
