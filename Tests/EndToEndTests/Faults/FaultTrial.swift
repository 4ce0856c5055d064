import Contracts
import Encoding
import Foundation
import HTTP
import OTelSDK
import ServiceTesting
import Tracing

/// One service under one rule, over a socket, and what is seen of a fault afterwards: answer, span, lines, metric, ledger.
struct FaultTrial {
    /// What a caller got.
    var result: Result<HTTPClient.Response, any Error>
    var elapsed: Duration
    var spans: [SpanData]
    var lines: [InMemoryLogHandler.Entry]
    /// The Prometheus text.
    var metrics: String
    var ledger: [JSONValue]

    /// Asks `type` once, with `FAULTS=rule`.
    static func run(
        _ type: any ServiceDefinition.Type, _ rule: String, environment: [String: String] = [:],
        method: HTTPMethod = .post, uri: String, headers: HTTPFields = [:], json: JSONValue = .null
    ) async throws -> FaultTrial {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tailspan-trial-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "ledger/faults.ndjson").path
        let app = TestApplication(
            type, environment: ["FAULTS": rule, "FAULT_LEDGER": path].merging(environment) { $1 })
        var headers = headers
        headers["idempotency-key"] = headers["idempotency-key"] ?? "trial-1"
        let (result, elapsed, metrics) = try await app.test(.live) { [headers] client in
            let started = ContinuousClock.now
            let result: Result<HTTPClient.Response, any Error>
            do {
                result = .success(
                    try await client.execute(
                        uri: uri, method: method, headers: headers,
                        body: json.isNull ? [] : Array(json.description.utf8)))
            } catch {
                result = .failure(error)
            }
            let elapsed = ContinuousClock.now - started
            let metrics = try await client.execute(uri: "/metrics").body
            return (result, elapsed, String(decoding: metrics, as: UTF8.self))
        }
        let ledger = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return FaultTrial(
            result: result, elapsed: elapsed, spans: app.spans.spans, lines: app.logs.entries, metrics: metrics,
            ledger: try ledger.split(separator: "\n").map { try JSONValue(parsing: String($0)) })
    }

    var status: Int? { if case .success(let response) = result { response.status.code } else { nil } }
    var body: [UInt8] { if case .success(let response) = result { response.body } else { [] } }
    var failure: HTTPClientError? { if case .failure(let error as HTTPClientError) = result { error } else { nil } }

    /// The span of the request, or of the queued task.
    var server: SpanData? { spans.first { $0.kind == .server && $0.attributes["http.route"] != "/metrics" } }

    /// Whether the fault shows everywhere: on the span, in the metric, in the ledger.
    func shows(_ id: String, _ kind: String) -> Bool {
        let isCounted = metrics.split(separator: "\n").contains {
            $0.hasPrefix("tailspan_faults_injected_total{") && $0.contains("tailspan_fault_id=\"\(id)\"")
                && $0.contains("tailspan_fault_kind=\"\(kind)\"")
        }
        return isCounted && server?.attributes["tailspan.fault.id"] == .string(id)
            && server?.attributes["tailspan.fault.kind"] == .string(kind)
            && ledger.contains { $0["rule"]?.string == id && $0["kind"]?.string == kind }
    }
}
