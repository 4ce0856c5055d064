import Encoding
import TraceContext

/// Creates trace and span ids from random bits (OpenTelemetry Trace SDK, "ID Generators"). Safe to use from any thread.
public struct IDGenerator: Sendable {
    /// Whether the rightmost 56 bits of trace ids are random, so that the random flag may be set (W3C Trace Context
    /// Level 2, "Random Trace ID Flag").
    public let isRandom: Bool
    private let next: @Sendable () -> UInt64

    /// Creates a generator.
    /// - Parameters:
    ///   - isRandom: whether `next` returns (pseudo-)random bits, uniformly distributed.
    ///   - next: returns 64 bits. It is called again after an invalid zero id, so it must not return zero forever.
    public init(isRandom: Bool = true, next: @escaping @Sendable () -> UInt64) {
        self.isRandom = isRandom
        self.next = next
    }

    /// A generator seeded with random bits from the system.
    public static func system() -> IDGenerator {
        var system = SystemRandomNumberGenerator()
        return seeded(system.next())
    }

    /// A generator that returns the same ids for the same seed, if they are requested in the same order.
    public static func seeded(_ seed: UInt64) -> IDGenerator {
        let source = SplitMix64(seed: seed)
        return IDGenerator { source.next() }
    }

    /// Returns a new trace id, never all zero.
    public func makeTraceID() -> TraceID {
        while true {
            let id = TraceID(high: next(), low: next())
            if id.isValid { return id }
        }
    }

    /// Returns a new span id, never zero.
    public func makeSpanID() -> SpanID {
        while true {
            let id = SpanID(value: next())
            if id.isValid { return id }
        }
    }
}
