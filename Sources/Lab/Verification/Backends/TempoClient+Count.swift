import Encoding
import HTTP

extension TempoClient {
    /// The number of traces that match a TraceQL search; for a metrics query (`… | count_over_time()`), the sum of its
    /// samples.
    /// - Parameters:
    ///   - range: nanoseconds since the Unix epoch. Tempo counts in whole seconds: every second that overlaps the range.
    ///   - limit: the maximum count.
    /// - Throws: ``BackendError``.
    package func count(_ query: String, in range: Range<UInt64>, limit: Int = 10_000) async throws -> Double {
        let start = range.lowerBound / 1_000_000_000
        let end = max(start + 1, (range.upperBound + 999_999_999) / 1_000_000_000)
        let isMetric = Self.isMetricsQuery(query)
        // Steps are aligned, so long ones would extend beyond the range.
        let step = max(1, (end - start) / 1000)
        let path =
            isMetric
            ? "/api/metrics/query_range?q=\(PercentEncoding.encode(query))&start=\(start)&end=\(end)&step=\(step)s"
            : "/api/search?q=\(PercentEncoding.encode(query))&start=\(start)&end=\(end)&limit=\(limit)&spss=1"
        let response = try await endpoint.get(path, accept: "application/json")
        guard response.status == .ok else { throw endpoint.error(response) }
        do {
            let json = try JSONValue(parsing: response.body)
            guard let found = json[isMetric ? "series" : "traces"]?.array ?? (isMetric ? [] : nil) else {
                throw StreamsJSON.Malformed(description: "expected traces")
            }
            return isMetric ? Self.sum(found) : Double(found.count)
        } catch {
            throw endpoint.error("the answer cannot be read: \(error)")
        }
    }

    /// Whether a query counts traces instead of finding them: its last stage is one of TraceQL's metrics functions.
    static func isMetricsQuery(_ query: String) -> Bool {
        guard let stage = query.split(separator: "|").last?.drop(while: \.isWhitespace) else { return false }
        return ["rate(", "count_over_time(", "sum_over_time("].contains { stage.hasPrefix($0) }
    }

    private static func sum(_ series: [JSONValue]) -> Double {
        series.reduce(0) { sum, series in
            (series["samples"]?.array ?? []).reduce(sum) { $0 + ($1["value"]?.double ?? 0) }
        }
    }
}
