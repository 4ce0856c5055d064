import Synchronization

/// Attributes that many spans have in common, such as those of a route, an upstream call or a database statement.
///
/// Made once and then shared: ``SpanAttributes/init(_:)`` allocates nothing, and an exporter can keep their encoding.
/// Immutable; safe to use from any thread.
public final class PreparedAttributes: Sendable {
    let elements: [SpanAttributes.Element]
    private let encoding = AtomicLazyReference<Encoding>()

    private final class Encoding: Sendable {
        let bytes: [UInt8]
        init(_ bytes: [UInt8]) { self.bytes = bytes }
    }

    /// Prepares `attributes`.
    public init(_ attributes: SpanAttributes) { elements = Array(attributes) }

    /// Gives `body` the attributes in memory order.
    package func withElements(_ body: (UnsafeBufferPointer<SpanAttributes.Element>) -> Void) {
        elements.withUnsafeBufferPointer(body)
    }

    /// The bytes that `encode` makes of the attributes at the first call. There is room for one encoding, which is that
    /// of a span's attributes in OTLP.
    package func encoded(_ encode: (UnsafeBufferPointer<SpanAttributes.Element>) -> [UInt8]) -> [UInt8] {
        if let encoding = encoding.load() { return encoding.bytes }
        return encoding.storeIfNil(Encoding(elements.withUnsafeBufferPointer(encode))).bytes
    }
}
