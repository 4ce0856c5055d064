import LogQL
import TraceQL

/// Reads queries; a query that cannot be read gets a mended one, where that is easily found.
enum QuerySuggestion {
    /// The pipeline of a query for lines.
    static func logs(_ text: String) throws -> LogPipeline {
        switch try LogQL.parse(text) {
        case .logs(let pipeline): return pipeline
        case .metric:
            throw ReadingProblem(
                type: "metric-query", "the query returns numbers; ask /loki/api/v1/query_range for them")
        }
    }

    static func traces(_ text: String) throws -> TraceQL.Query {
        let query = try TraceQL.parse(text)
        guard query.metrics == nil else {
            throw ReadingProblem(
                type: "metric-query", "the query returns numbers; ask /tempo/api/metrics/query_range for them")
        }
        return query
    }
}
