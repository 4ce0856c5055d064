/// Reads values from a carrier, such as the header fields of a request.
public protocol Extractor: Sendable {
    /// The type that is read.
    associatedtype Carrier
    /// The value of `key`; multiple fields with the same name are joined with a comma. Case-insensitive for HTTP.
    func extract(key: String, from carrier: Carrier) -> String?
}

/// Writes values into a carrier.
public protocol Injector: Sendable {
    /// The type that is written.
    associatedtype Carrier
    /// Sets `key` to `value`, replacing any existing value.
    func inject(_ value: String, forKey key: String, into carrier: inout Carrier)
}

/// Carries context across process boundaries (OpenTelemetry, "Propagators").
public protocol Instrument: Sendable {
    /// Extracts what a peer sent into `context`. Malformed input leaves the context unchanged, so a new trace starts.
    func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier

    /// Injects `context` for a peer.
    func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier
}

/// Plain dictionaries as carriers, for stored trace context and test fixtures. Keys are case-sensitive.
public struct DictionaryCarrier: Extractor, Injector {
    /// Creates the carrier.
    public init() {}
    /// The value of `key`.
    public func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
    /// Sets `key` to `value`.
    public func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) {
        carrier[key] = value
    }
}
