import Encoding

/// The parameters of a query, percent-decoded, with `+` read as a space. A malformed escape is kept as it is.
public struct QueryParameters: Sendable, Sequence {
    /// A parameter.
    public typealias Element = (name: String, value: String)

    private let elements: [Element]

    /// Parses the parameters of `query`, which has no leading `?`.
    public init(query: String) {
        elements = query.utf8.split(separator: UInt8(ascii: "&")).map { pair in
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            return (PercentEncoding.decode(parts[0]), parts.count > 1 ? PercentEncoding.decode(parts[1]) : "")
        }
    }

    /// The first value of `name`; `nil` if there is none.
    public subscript(_ name: String) -> String? { elements.first { $0.name == name }?.value }

    /// All values of `name`.
    public func all(_ name: String) -> [String] { elements.filter { $0.name == name }.map(\.value) }

    /// The parameters, in order.
    public func makeIterator() -> IndexingIterator<[Element]> { elements.makeIterator() }
}
