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

    /// The first attributes, shared with other spans; no key is in both parts. A change to one of them copies all into
    /// ``elements``.
    @usableFromInline var prepared: PreparedAttributes?
    @usableFromInline var elements: [Element]

    /// Creates attributes that begin with those of `prepared`. Allocates nothing.
    public init(_ prepared: PreparedAttributes) {
        self.prepared = prepared
        elements = []
    }

    /// Creates attributes. For duplicate keys, the last one wins.
    @inlinable
    public init(dictionaryLiteral elements: (String, SpanAttribute)...) {
        prepared = nil
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
        get {
            if let prepared, let index = Self.index(of: key, in: prepared.elements) {
                return prepared.elements[index].value
            }
            return Self.index(of: key, in: elements).map { elements[$0].value }
        }
        set {
            if let prepared, Self.index(of: key, in: prepared.elements) != nil { separate(from: prepared) }
            if let newValue {
                set(key, newValue)
            } else if let index = Self.index(of: key, in: elements) {
                elements.remove(at: index)
            }
        }
    }

    /// The value of `key`, set from a variable: `span.attributes["count"] = count`. Assigning `nil` removes it.
    @_disfavoredOverload
    public subscript(_ key: String) -> (any SpanAttributeConvertible)? {
        get { self[key] as SpanAttribute? }
        set { self[key] = newValue?.toSpanAttribute() as SpanAttribute? }
    }

    /// Sets a key that is not among the prepared attributes.
    private mutating func set(_ key: String, _ value: SpanAttribute) {
        if let index = Self.index(of: key, in: elements) {
            elements[index].value = value
        } else {
            append(key, value)
        }
    }

    /// Adds an attribute whose key is known not to be there yet, which saves the search for it.
    package mutating func append(_ key: String, _ value: SpanAttribute) {
        assert(self[key] as SpanAttribute? == nil, "the attribute \(key) is already there")
        // Code that sets one attribute usually sets several; growing from one would move them three times.
        if elements.isEmpty, elements.capacity == 0 { elements.reserveCapacity(8) }
        elements.append(Element(key: key, value: value))
    }

    @inline(never)
    private mutating func separate(from prepared: PreparedAttributes) {
        elements = prepared.elements + elements
        self.prepared = nil
    }

    private static func index(of key: String, in elements: [Element]) -> Int? {
        elements.withUnsafeBufferPointer { index(of: key, in: $0) }
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
        if isEmpty {
            self = other
        } else {
            for element in other { self[element.key] = element.value }
        }
    }

    /// Reserves space for `capacity` attributes, the prepared ones not counted.
    public mutating func reserveCapacity(_ capacity: Int) { elements.reserveCapacity(capacity) }

    /// The first position.
    @inlinable public var startIndex: Int { 0 }
    /// The position after the last.
    public var endIndex: Int { (prepared?.elements.count ?? 0) + elements.count }
    /// The attribute at `position`.
    public subscript(position: Int) -> Element {
        guard let prepared else { return elements[position] }
        let count = prepared.elements.count
        return position < count ? prepared.elements[position] : elements[position - count]
    }

    /// Gives `body` the attributes in memory order, so that an encoder need not copy each of them: the prepared ones,
    /// then the others.
    package borrowing func withParts<R>(
        _ body: (PreparedAttributes?, UnsafeBufferPointer<Element>) throws -> R
    ) rethrows -> R {
        try elements.withUnsafeBufferPointer { try body(prepared, $0) }
    }

    /// Whether both contain the same attributes in the same order, prepared or not.
    public static func == (left: SpanAttributes, right: SpanAttributes) -> Bool {
        left.elementsEqual(right)
    }

    /// Hashes the attributes in their order.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(count)
        for element in self { hasher.combine(element) }
    }
}
