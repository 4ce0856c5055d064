/// Reads values out of a carrier, such as the header fields of a request.
public protocol Extractor: Sendable {
    /// What is read.
    associatedtype Carrier
    /// The value under `key`; several fields of one name are joined with a comma. Case-insensitive for HTTP.
    func extract(key: String, from carrier: Carrier) -> String?
}

/// Writes values into a carrier.
public protocol Injector: Sendable {
    /// What is written.
    associatedtype Carrier
    /// Sets `key` to `value`, replacing what was there.
    func inject(_ value: String, forKey key: String, into carrier: inout Carrier)
}

/// Carries context across process boundaries (OpenTelemetry, "Propagators").
public protocol Instrument: Sendable {
    /// Reads what a peer sent into `context`. Malformed input leaves the context as it was: a new trace starts.
    func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier

    /// Writes `context` for a peer.
    func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier
}

/// Carriers that are plain dictionaries: stored trace context, test fixtures. Keys are case-sensitive.
public struct DictionaryCarrier: Extractor, Injector {
    /// Creates the reader and writer of dictionaries.
    public init() {}
    /// The value under `key`.
    public func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
    /// Sets `key` to `value`.
    public func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) {
        carrier[key] = value
    }
}
