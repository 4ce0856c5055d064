import Encoding
import TraceContext

/// Makes trace and span ids out of random bits (OpenTelemetry Trace SDK, "ID Generators"). Safe to use from any thread.
public struct IDGenerator: Sendable {
    /// Whether the right-most 56 bits of trace ids are random, so that the random flag may be set (W3C Trace Context
    /// Level 2, "Random Trace ID Flag").
    public let isRandom: Bool
    private let next: @Sendable () -> UInt64

    /// Creates a generator.
    /// - Parameters:
    ///   - isRandom: whether `next` gives (pseudo-)random bits, uniformly distributed.
    ///   - next: gives 64 bits. Zero is asked again, so it must not give zero for ever.
    public init(isRandom: Bool = true, next: @escaping @Sendable () -> UInt64) {
        self.isRandom = isRandom
        self.next = next
    }

    /// A generator that starts from the system's random bits.
    public static func system() -> IDGenerator {
        var system = SystemRandomNumberGenerator()
        return seeded(system.next())
    }

    /// A generator that gives the same ids for the same seed, if it is asked in the same order.
    public static func seeded(_ seed: UInt64) -> IDGenerator {
        let source = SplitMix64(seed: seed)
        return IDGenerator { source.next() }
    }

    /// A new trace id, never all zero.
    public func makeTraceID() -> TraceID {
        while true {
            let id = TraceID(high: next(), low: next())
            if id.isValid { return id }
        }
    }

    /// A new span id, never zero.
    public func makeSpanID() -> SpanID {
        while true {
            let id = SpanID(value: next())
            if id.isValid { return id }
        }
    }
}
