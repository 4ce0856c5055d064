import Synchronization

/// Attributes that many spans have in common, such as those of a route, an upstream call or a database statement.
///
/// Made once and then shared: ``SpanAttributes/init(_:)`` allocates nothing, and an exporter can keep their encoding.
/// Immutable; safe to use from any thread.
public final class PreparedAttributes: Sendable {
    let elements: [SpanAttributes.Element]
    /// The address of an ``Encoding`` that is retained; 0 before there is one. (`AtomicLazyReference` is not
    /// specialised, which costs more than copying the bytes.)
    private let encoding = Atomic<UInt>(0)

    private final class Encoding {
        let bytes: [UInt8]
        init(_ bytes: [UInt8]) { self.bytes = bytes }
    }

    deinit { Self.encoding(at: encoding.load(ordering: .acquiring))?.release() }

    private static func encoding(at address: UInt) -> Unmanaged<Encoding>? {
        UnsafeRawPointer(bitPattern: address).map { Unmanaged.fromOpaque($0) }
    }

    /// Prepares `attributes`.
    public init(_ attributes: SpanAttributes) { elements = Array(attributes) }

    /// Gives `body` the attributes in memory order.
    package func withElements(_ body: (UnsafeBufferPointer<SpanAttributes.Element>) -> Void) {
        elements.withUnsafeBufferPointer(body)
    }

    /// Gives `body` the bytes that `encode` makes of the attributes at the first call. There is room for one encoding,
    /// which is that of a span's attributes in OTLP.
    package func withEncoded(
        _ encode: (UnsafeBufferPointer<SpanAttributes.Element>) -> [UInt8], _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        var address = encoding.load(ordering: .acquiring)
        if address == 0 { address = store(elements.withUnsafeBufferPointer(encode)) }
        // Kept as long as this object.
        guard let encoding = Self.encoding(at: address) else { return }
        encoding._withUnsafeGuaranteedRef { $0.bytes.withUnsafeBufferPointer(body) }
    }

    /// Keeps `bytes`, unless another thread was faster. Returns the address of what is kept.
    @inline(never)
    private func store(_ bytes: [UInt8]) -> UInt {
        let new = Unmanaged.passRetained(Encoding(bytes))
        let address = UInt(bitPattern: new.toOpaque())
        let (exchanged, original) = encoding.compareExchange(
            expected: 0, desired: address, ordering: .acquiringAndReleasing)
        guard !exchanged else { return address }
        new.release()
        return original
    }
}
