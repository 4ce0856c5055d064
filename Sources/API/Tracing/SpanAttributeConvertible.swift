/// A type whose values can be span attributes.
public protocol SpanAttributeConvertible {
    /// The value as an attribute.
    func toSpanAttribute() -> SpanAttribute
}

extension SpanAttribute: SpanAttributeConvertible {
    /// The attribute itself.
    public func toSpanAttribute() -> SpanAttribute { self }
}

extension String: SpanAttributeConvertible {
    /// A string.
    public func toSpanAttribute() -> SpanAttribute { .string(self) }
}

extension Bool: SpanAttributeConvertible {
    /// A Boolean.
    public func toSpanAttribute() -> SpanAttribute { .bool(self) }
}

extension Double: SpanAttributeConvertible {
    /// A number.
    public func toSpanAttribute() -> SpanAttribute { .double(self) }
}

extension Float: SpanAttributeConvertible {
    /// A number.
    public func toSpanAttribute() -> SpanAttribute { .double(Double(self)) }
}

extension SpanAttributeConvertible where Self: BinaryInteger {
    /// An integer, clamped to 64 bits.
    public func toSpanAttribute() -> SpanAttribute { .int64(Int64(clamping: self)) }
}

extension Int: SpanAttributeConvertible {}
extension Int8: SpanAttributeConvertible {}
extension Int16: SpanAttributeConvertible {}
extension Int32: SpanAttributeConvertible {}
extension Int64: SpanAttributeConvertible {}
extension UInt: SpanAttributeConvertible {}
extension UInt8: SpanAttributeConvertible {}
extension UInt16: SpanAttributeConvertible {}
extension UInt32: SpanAttributeConvertible {}
extension UInt64: SpanAttributeConvertible {}

extension Array: SpanAttributeConvertible where Element: SpanAttributeConvertible {
    /// A list of integers if all elements are integers, otherwise a list of strings.
    public func toSpanAttribute() -> SpanAttribute {
        var integers: [Int64] = []
        for element in self {
            guard case .int64(let integer) = element.toSpanAttribute() else {
                return .stringArray(map { String(describing: $0) })
            }
            integers.append(integer)
        }
        return .int64Array(integers)
    }
}
