import Encoding

/// What Grafana 12.4 sends to its Loki and Tempo data sources, with the parameters and headers that it sends. The list was
/// made from its source (pkg/tsdb/loki, pkg/tsdb/tempo and the two plugins' front ends).
enum GrafanaRequest {
    static let traceID = TraceFixture.traceID
    /// The trace's time, and a range around it as Grafana names it to each store.
    static let seconds: UInt64 = 1_795_193_351
    static let start = (seconds - 1800) * 1_000_000_000
    static let end = (seconds + 1800) * 1_000_000_000

    /// Go's `url.Values.Encode`: in order of names, a space as a plus sign.
    static func encoded(_ parameters: [String: String]) -> String {
        parameters.sorted { $0.key < $1.key }.map { name, value in
            let value = PercentEncoding.encode(value).replacing("%20", with: "+")
            return PercentEncoding.encode(name) + "=" + value
        }.joined(separator: "&")
    }
}
