/// A value of a span attribute (OpenTelemetry Common, "Attribute": scalars and homogeneous arrays).
public enum SpanAttribute: Sendable, Hashable {
    /// A string.
    case string(String)
    /// A signed 64-bit integer.
    case int64(Int64)
    /// A double-precision number.
    case double(Double)
    /// A Boolean.
    case bool(Bool)
    /// A list of strings.
    case stringArray([String])
    /// A list of integers.
    case int64Array([Int64])
}

extension SpanAttribute: ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral
{
    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// An integer.
    public init(integerLiteral value: Int64) { self = .int64(value) }
    /// A number.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// A Boolean.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// A list of strings.
    public init(arrayLiteral elements: String...) { self = .stringArray(elements) }
}

/// The attributes of a span, event or link: an ordered collection of unique keys and their values.
public struct SpanAttributes: Sendable, Hashable, ExpressibleByDictionaryLiteral, RandomAccessCollection {
    /// A key and its value.
    public struct Element: Sendable, Hashable {
        /// The attribute's name, such as `http.route`.
        public let key: String
        /// The attribute's value.
        public var value: SpanAttribute

        /// Creates an attribute.
        public init(key: String, value: SpanAttribute) {
            self.key = key
            self.value = value
        }
    }

    @usableFromInline var elements: [Element]

    /// Creates attributes. For duplicate keys, the last one wins.
    @inlinable
    public init(dictionaryLiteral elements: (String, SpanAttribute)...) {
        guard !elements.isEmpty else {
            self.elements = []
            return
        }
        self.elements = [Element](unsafeUninitializedCapacity: elements.count) { buffer, count in
            for (key, value) in elements {
                if let index = Self.index(of: key, in: UnsafeBufferPointer(rebasing: buffer[..<count])) {
                    buffer[index].value = value
                } else {
                    buffer.initializeElement(at: count, to: Element(key: key, value: value))
                    count += 1
                }
            }
        }
    }

    /// The value of `key`; assigning `nil` removes it. Uses a linear scan, because spans carry a dozen attributes, not
    /// hundreds.
    public subscript(_ key: String) -> SpanAttribute? {
        get { index(of: key).map { elements[$0].value } }
        set {
            if let newValue {
                set(key, newValue)
            } else if let index = index(of: key) {
                elements.remove(at: index)
            }
        }
    }

    /// The value of `key`, set from a variable: `span.attributes["count"] = count`. Assigning `nil` removes it.
    @_disfavoredOverload
    public subscript(_ key: String) -> (any SpanAttributeConvertible)? {
        get { index(of: key).map { elements[$0].value } }
        set { self[key] = newValue?.toSpanAttribute() as SpanAttribute? }
    }

    private mutating func set(_ key: String, _ value: SpanAttribute) {
        if let index = index(of: key) {
            elements[index].value = value
        } else {
            // Code that sets one attribute usually sets several; growing from one would move them three times.
            if elements.isEmpty { elements.reserveCapacity(8) }
            elements.append(Element(key: key, value: value))
        }
    }

    private func index(of key: String) -> Int? {
        elements.withUnsafeBufferPointer { Self.index(of: key, in: $0) }
    }

    @usableFromInline
    static func index(of key: String, in elements: UnsafeBufferPointer<Element>) -> Int? {
        let length = key.utf8.count
        // Most keys already differ in length, which is much cheaper to compare than the strings.
        for index in elements.indices where elements[index].key.utf8.count == length && elements[index].key == key {
            return index
        }
        return nil
    }

    /// Adds the attributes of `other`, which take precedence over existing ones with the same keys.
    public mutating func merge(_ other: SpanAttributes) {
        if elements.isEmpty {
            elements = other.elements
        } else {
            for element in other.elements { set(element.key, element.value) }
        }
    }

    /// Reserves space for `capacity` attributes.
    public mutating func reserveCapacity(_ capacity: Int) { elements.reserveCapacity(capacity) }

    /// The first position.
    @inlinable public var startIndex: Int { 0 }
    /// The position after the last.
    @inlinable public var endIndex: Int { elements.count }
    /// The attribute at `position`.
    @inlinable public subscript(position: Int) -> Element { elements[position] }

    /// Gives `body` the attributes in memory order, so that an encoder need not copy each of them.
    @inlinable
    public func withContiguousStorageIfAvailable<R>(_ body: (UnsafeBufferPointer<Element>) throws -> R) rethrows -> R? {
        try elements.withUnsafeBufferPointer(body)
    }
}
