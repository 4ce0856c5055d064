extension Logger {
    /// A value of a log field.
    public enum MetadataValue: Sendable, Equatable {
        /// A string.
        case string(String)
        /// An integer, written as a JSON number.
        case integer(Int64)
        /// A number, written as a JSON number. NaN and infinity are written as strings.
        case double(Double)
        /// A Boolean.
        case bool(Bool)
        /// A nested object.
        indirect case dictionary(Metadata)
        /// A list.
        indirect case array([MetadataValue])

        /// Creates a string value from a value's description.
        public static func stringConvertible(_ value: some CustomStringConvertible) -> MetadataValue {
            .string(value.description)
        }
    }

    /// The fields of a log line: an ordered collection of names and values. Names are unique; the last value for a name
    /// wins.
    public struct Metadata: Sendable, Equatable, ExpressibleByDictionaryLiteral, RandomAccessCollection {
        /// A field's name and value.
        public typealias Element = (key: String, value: MetadataValue)

        /// Has no labels, unlike ``Element``, because adding labels to an array of tuples copies it element by element.
        @usableFromInline var elements: [(String, MetadataValue)]

        /// Creates fields. Reuses the literal's storage, so all fields of a line need one allocation.
        @inlinable
        public init(dictionaryLiteral elements: (String, MetadataValue)...) {
            self.elements = elements
        }

        /// Creates an empty collection.
        public init() { elements = [] }

        /// The value of the field `key`; assigning `nil` removes it.
        public subscript(_ key: String) -> MetadataValue? {
            get { elements.last { $0.0 == key }?.1 }
            set {
                elements.removeAll { $0.0 == key }
                if let newValue { elements.append((key, newValue)) }
            }
        }

        /// Adds the fields of `other`, which take precedence over existing fields with the same names.
        public mutating func merge(_ other: Metadata) {
            for (key, value) in other.elements { self[key] = value }
        }

        /// The first position.
        @inlinable public var startIndex: Int { 0 }
        /// The position after the last.
        @inlinable public var endIndex: Int { elements.count }
        /// The field at `position`.
        @inlinable public subscript(position: Int) -> Element { elements[position] }

        /// Calls `body` with each field, without copying any.
        @inlinable
        public func forEachField(_ body: (_ key: String, _ value: MetadataValue) -> Void) {
            elements.withUnsafeBufferPointer { fields in
                for index in fields.indices { body(fields[index].0, fields[index].1) }
            }
        }

        /// Whether both contain the same fields in the same order.
        public static func == (left: Metadata, right: Metadata) -> Bool {
            left.elements.elementsEqual(right.elements) { $0 == $1 }
        }
    }

    /// Supplies fields from the surrounding context to every line of a logger, like swift-log's type of the same name.
    public struct MetadataProvider: Sendable {
        private let provide: @Sendable () -> Metadata

        /// Creates a provider from a function that is called once per line and must not log.
        public init(_ provide: @escaping @Sendable () -> Metadata) { self.provide = provide }

        /// The current fields.
        public func get() -> Metadata { provide() }
    }
}

extension Logger.MetadataValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation,
    ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// An integer.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// A number.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// A Boolean.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// A list.
    public init(arrayLiteral elements: Logger.MetadataValue...) { self = .array(elements) }
    /// A nested object. For duplicate names, the last one wins.
    public init(dictionaryLiteral elements: (String, Logger.MetadataValue)...) {
        var fields = Logger.Metadata()
        for (key, value) in elements { fields[key] = value }
        self = .dictionary(fields)
    }
}

extension Logger.MetadataValue: CustomStringConvertible {
    /// The value as plain text.
    public var description: String {
        switch self {
        case .string(let value): value
        case .integer(let value): value.description
        case .double(let value): value.description
        case .bool(let value): value.description
        case .dictionary(let value): "{" + value.map { "\($0.key): \($0.value)" }.joined(separator: ", ") + "}"
        case .array(let value): "[" + value.map(\.description).joined(separator: ", ") + "]"
        }
    }
}
