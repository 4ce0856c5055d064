import Tracing

/// A wire format for context between processes (OpenTelemetry Context, "TextMap Propagator"). Safe to use from any
/// thread. The requirements are those of `Instrument`; the separate type distinguishes a format from a tracer.
public protocol Propagator: Instrument {
    /// The names of the header fields it reads and writes, in lower case.
    var fields: [String] { get }
}

/// Several formats, applied in order.
public struct CompositePropagator: Propagator {
    private let propagators: [any Propagator]

    /// Creates a propagator over others. The list may be empty; nothing is then read or written.
    public init(_ propagators: [any Propagator]) { self.propagators = propagators }

    /// Creates the propagator that `OTEL_PROPAGATORS` specifies.
    public init(_ names: [PropagatorName]) {
        self.init(
            names.map { name -> any Propagator in
                switch name {
                case .tracecontext: TraceContextPropagator()
                case .baggage: BaggagePropagator()
                }
            })
    }

    /// The fields of all formats.
    public var fields: [String] { propagators.flatMap(\.fields) }

    /// Extracts each format in turn.
    public func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        for propagator in propagators { propagator.extract(carrier, into: &context, using: extractor) }
    }

    /// Injects each format in turn.
    public func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        for propagator in propagators { propagator.inject(context, into: &carrier, using: injector) }
    }
}

/// A wire format that `OTEL_PROPAGATORS` can name.
public enum PropagatorName: String, Sendable, Equatable, CaseIterable {
    /// W3C Trace Context.
    case tracecontext
    /// W3C Baggage.
    case baggage
}
