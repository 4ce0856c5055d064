import Encoding
import HTTP
import Vocabulary

/// Queries traces from Tempo or a server with its HTTP API. Safe to use from any thread.
package struct TempoClient: Sendable {
    let endpoint: Endpoint

    /// - Parameters:
    ///   - baseURL: such as `http://127.0.0.1:3200`.
    ///   - tenant: the tenant of the traces, where Tempo keeps several tenants apart.
    ///   - timeout: for one request.
    package init(
        baseURL: String, tenant: Tenant? = nil, transport: any HTTPTransport, timeout: Duration = .seconds(10)
    ) {
        endpoint = Endpoint(
            backend: "Tempo", baseURL: baseURL, tenant: tenant, transport: transport, timeout: timeout)
    }

    init(endpoint: Endpoint) { self.endpoint = endpoint }

    /// The spans stored under a trace id so far, or `nil` if there are none.
    /// - Parameter traceID: hex digits.
    /// - Throws: ``BackendError``.
    package func trace(id traceID: String) async throws -> TraceData? {
        let response = try await endpoint.get(
            "/api/traces/\(PercentEncoding.encode(traceID))", accept: "application/json")
        switch response.status {
        case .ok: break
        // An unknown trace is a 404 without a body; a wrong address has one.
        case .notFound where response.body.isEmpty || Self.saysUnknown(response.body): return nil
        default: throw endpoint.error(response)
        }
        do {
            let spans = try TraceJSON.spans(JSONValue(parsing: response.body))
            return spans.isEmpty ? nil : TraceData(traceID: traceID, spans: spans)
        } catch {
            throw endpoint.error("the answer for trace \(traceID) cannot be read: \(error)")
        }
    }

    private static func saysUnknown(_ body: [UInt8]) -> Bool {
        String(decoding: body.prefix(200), as: UTF8.self).lowercased().contains("trace not found")
    }
}
