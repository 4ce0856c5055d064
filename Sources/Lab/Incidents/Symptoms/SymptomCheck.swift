import HTTP
import Verification
import Vocabulary

/// Checks a run's symptoms against the log store, the trace store and the run's record.
package struct SymptomCheck: Sendable {
    private let loki: LokiClient
    private let tempo: TempoClient
    private let window: Range<UInt64>
    private let metrics: MetricIncreases

    /// - Parameters:
    ///   - tenant: the tenant of the lines and spans, where the stores keep several tenants apart.
    ///   - window: the run's time range, in nanoseconds since the Unix epoch.
    package init(
        loki: String, tempo: String, tenant: Tenant? = nil, window: Range<UInt64>, metrics: MetricIncreases,
        transport: any HTTPTransport
    ) {
        self.loki = LokiClient(baseURL: loki, tenant: tenant, transport: transport)
        self.tempo = TempoClient(baseURL: tempo, tenant: tenant, transport: transport)
        self.window = window
        self.metrics = metrics
    }

    /// Measures each symptom, in order.
    /// - Throws: `CancellationError`.
    package func results(_ symptoms: [Symptom]) async throws -> [SymptomResult] {
        var results: [SymptomResult] = []
        for symptom in symptoms { results.append(try await result(symptom)) }
        return results
    }

    private func result(_ symptom: Symptom) async throws -> SymptomResult {
        do {
            return SymptomResult(symptom: symptom, measured: .success(try await measure(symptom.query)))
        } catch let error as CancellationError {
            throw error
        } catch {
            return SymptomResult(symptom: symptom, measured: .failure(SymptomResult.Trouble(description: "\(error)")))
        }
    }

    private func measure(_ query: Symptom.Query) async throws -> Double {
        switch query {
        case .logQL(let text): return try await loki.value(Self.filled(text, window: window), at: window.upperBound)
        case .traceQL(let text): return try await tempo.count(text, in: window)
        case .metric(let selector): return metrics.sum(selector) ?? 0
        }
    }

    /// The query with each `$window` replaced by the window's length in whole milliseconds.
    static func filled(_ query: String, window: Range<UInt64>) -> String {
        let milliseconds = (window.upperBound - window.lowerBound + 999_999) / 1_000_000
        return query.split(separator: "$window", omittingEmptySubsequences: false)
            .joined(separator: "\(milliseconds)ms")
    }
}
