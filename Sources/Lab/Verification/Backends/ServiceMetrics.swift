import HTTP
import Vocabulary

/// The counters that verification reads from a service's `/metrics`.
package struct ServiceCounters: Sendable, Equatable {
    /// Spans that the trace store accepted; `nil` before the first export, or if the service does not report it.
    package var spansExported: Int?
    /// Requests answered, not counting health checks and similar requests.
    package var requestsServed: Int
    /// Spans that are waiting for export or being exported; `nil` if the service does not report it.
    package var spansWaiting: Int?

    package init(spansExported: Int?, requestsServed: Int, spansWaiting: Int? = nil) {
        self.spansExported = spansExported
        self.requestsServed = requestsServed
        self.spansWaiting = spansWaiting
    }

    /// Sums up the samples of a Prometheus text.
    package init(metrics text: String) {
        var exported: Double?
        var waiting: Double?
        var served = 0.0
        for sample in MetricsText.samples(text) {
            switch sample.name {
            case "otel_sdk_exporter_span_exported_total" where sample.labels["error_type", default: ""].isEmpty:
                exported = (exported ?? 0) + sample.value
            case "otel_sdk_processor_span_queue_size": waiting = (waiting ?? 0) + sample.value
            case "http_server_request_duration_seconds_count": served += sample.value
            default: continue
            }
        }
        self.init(
            spansExported: exported.flatMap(Int.init(exactly:)), requestsServed: Int(exactly: served) ?? 0,
            spansWaiting: waiting.flatMap(Int.init(exactly:)))
    }

    /// The increase since `earlier`.
    package func delta(since earlier: ServiceCounters) -> CountDelta {
        CountDelta(
            spansExported: spansExported.map { $0 - (earlier.spansExported ?? 0) },
            requestsServed: requestsServed - earlier.requestsServed)
    }
}

extension [String: ServiceCounters] {
    /// Whether every service reports that no span is waiting for export.
    package var isDrained: Bool { values.allSatisfy { $0.spansWaiting == 0 } }
}

/// Reads the services' counters. Safe to use from any thread.
package struct MetricsClient: Sendable {
    private let endpoints: [(role: ServiceRole, endpoint: Endpoint)]

    package init(urls: [ServiceRole: String], transport: any HTTPTransport, timeout: Duration = .seconds(5)) {
        endpoints = ServiceRole.allCases.compactMap { role in
            urls[role].map {
                (role, Endpoint(backend: role.rawValue, baseURL: $0, transport: transport, timeout: timeout))
            }
        }
    }

    /// - Throws: ``BackendError`` naming the first service that does not answer.
    package func read() async throws -> [String: ServiceCounters] {
        var result: [String: ServiceCounters] = [:]
        for (role, endpoint) in endpoints {
            result[role.rawValue] = ServiceCounters(metrics: try await text(endpoint))
        }
        return result
    }

    /// The names of all metrics that the services expose.
    /// - Throws: ``BackendError`` naming the first service that does not answer.
    package func names() async throws -> Set<String> {
        var result: Set<String> = []
        for (_, endpoint) in endpoints {
            result.formUnion(MetricsText.samples(try await text(endpoint)).map(\.name))
        }
        return result
    }

    private func text(_ endpoint: Endpoint) async throws -> String {
        let response = try await endpoint.get("/metrics", accept: "text/plain;version=0.0.4")
        guard response.status.isSuccess else { throw endpoint.error(response) }
        return String(decoding: response.body, as: UTF8.self)
    }
}

/// Reads names, labels and values of the Prometheus text format.
package enum MetricsText {
    package struct Sample: Equatable {
        package var name: String
        package var labels: [String: String]
        package var value: Double
    }

    /// The samples in order. Comments and invalid lines are skipped.
    package static func samples(_ text: String) -> [Sample] {
        text.utf8.split(separator: UInt8(ascii: "\n")).compactMap { sample($0) }
    }

    private static func sample(_ line: Substring.UTF8View) -> Sample? {
        guard let nameEnd = line.firstIndex(where: { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: " ") }),
            line.first != UInt8(ascii: "#")
        else { return nil }
        let name = String(decoding: line[..<nameEnd], as: UTF8.self)
        var rest = line[nameEnd...]
        var labels: [String: String] = [:]
        if rest.first == UInt8(ascii: "{") {
            guard let (found, after) = readLabels(rest.dropFirst()) else { return nil }
            labels = found
            rest = after
        }
        let words = rest.split(separator: UInt8(ascii: " "))
        guard let value = words.first.flatMap({ Double(String(decoding: $0, as: UTF8.self)) }) else { return nil }
        return Sample(name: name, labels: labels, value: value)
    }

    /// Reads up to and including the closing brace.
    private static func readLabels(
        _ text: Substring.UTF8View
    ) -> ([String: String], Substring.UTF8View)? {
        var rest = text
        var labels: [String: String] = [:]
        while let first = rest.first, first != UInt8(ascii: "}") {
            guard let equals = rest.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            let name = String(decoding: rest[..<equals].drop { $0 == UInt8(ascii: " ") }, as: UTF8.self)
            rest = rest[equals...].dropFirst()
            guard rest.popFirst() == UInt8(ascii: "\"") else { return nil }
            var value: [UInt8] = []
            while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
                guard byte == UInt8(ascii: "\\"), let escaped = rest.popFirst() else {
                    value.append(byte)
                    continue
                }
                value.append(escaped == UInt8(ascii: "n") ? UInt8(ascii: "\n") : escaped)
            }
            labels[name] = String(decoding: value, as: UTF8.self)
            if rest.first == UInt8(ascii: ",") { rest = rest.dropFirst() }
        }
        return rest.isEmpty ? nil : (labels, rest.dropFirst())
    }
}
