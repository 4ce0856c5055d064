/// The parameters of a query, percent-decoded, `+` read as a space. A malformed escape stays as it is.
public struct QueryParameters: Sendable, Sequence {
    /// A parameter.
    public typealias Element = (name: String, value: String)

    private let elements: [Element]

    /// Reads the parameters of `query`, which has no leading `?`.
    public init(query: String) {
        elements = query.utf8.split(separator: UInt8(ascii: "&")).map { pair in
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            return (PercentEncoding.decode(parts[0]), parts.count > 1 ? PercentEncoding.decode(parts[1]) : "")
        }
    }

    /// The first value of `name`, or `nil`.
    public subscript(_ name: String) -> String? { elements.first { $0.name == name }?.value }

    /// All values of `name`.
    public func all(_ name: String) -> [String] { elements.filter { $0.name == name }.map(\.value) }

    /// The parameters, in order.
    public func makeIterator() -> IndexingIterator<[Element]> { elements.makeIterator() }
}

/// Percent-encoding (RFC 3986, section 2.1).
public enum PercentEncoding {
    /// Decodes a query component: `+` is a space, a malformed escape stays, bytes that are not UTF-8 are replaced.
    public static func decode(_ text: some Collection<UInt8>, plusIsSpace: Bool = true) -> String {
        if !text.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) {
            return String(decoding: text, as: UTF8.self)
        }
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var index = text.startIndex
        while index != text.endIndex {
            let byte = text[index]
            index = text.index(after: index)
            if byte == UInt8(ascii: "%"), let (value, next) = escape(in: text, at: index) {
                result.append(value)
                index = next
            } else {
                result.append(byte == UInt8(ascii: "+") && plusIsSpace ? 0x20 : byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Encodes everything but the unreserved characters.
    public static func encode(_ text: String) -> String {
        let digits: StaticString = "0123456789ABCDEF"
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                result.append(byte)
            default:
                result.append(UInt8(ascii: "%"))
                result.append(digits.utf8Start[Int(byte >> 4)])
                result.append(digits.utf8Start[Int(byte & 15)])
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func escape<Text: Collection<UInt8>>(in text: Text, at index: Text.Index) -> (UInt8, Text.Index)? {
        guard index != text.endIndex, let high = digit(text[index]) else { return nil }
        let second = text.index(after: index)
        guard second != text.endIndex, let low = digit(text[second]) else { return nil }
        return (high << 4 | low, text.index(after: second))
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 65...70: byte - 55
        case 97...102: byte - 87
        default: nil
        }
    }
}
