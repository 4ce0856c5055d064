import LogQL
import QuerySupport
import TraceQL
import Vocabulary

/// Parses the queries of requests. The problem of one that cannot be parsed says where, and how it may be mended.
enum ReadingQuery {
    /// The pipeline of a query for lines. The budget is charged for mending one that cannot be parsed.
    static func logs(_ text: String, _ budget: QueryBudget) throws -> LogPipeline {
        let query: LogQLQuery
        do { query = try LogQL.parse(text) } catch {
            var problem = ReadingProblem(error)
            problem.suggestion = QueryRepair(of: logRepairs, budget, logPlace).repaired(text)
            throw problem
        }
        guard case .logs(let pipeline) = query else {
            throw ReadingProblem(
                type: "metric-query", "the query returns numbers: /loki/api/v1/query_range answers it")
        }
        return pipeline
    }

    /// A query for traces.
    static func traces(_ text: String, _ budget: QueryBudget) throws -> TraceQL.Query {
        let query: TraceQL.Query
        do { query = try TraceQL.parse(text) } catch {
            var problem = ReadingProblem(error)
            problem.suggestion = QueryRepair(of: traceRepairs, budget, tracePlace).repaired(text)
            throw problem
        }
        guard query.metrics == nil else {
            throw ReadingProblem(
                type: "metric-query", "the query returns numbers: /tempo/api/metrics/query_range answers it")
        }
        return query
    }

    private static let logRepairs: [QueryRepair.Attempt] = [
        .replace("'", "\""), .closeQuote, .closeBrace, .quoteWord, .quoteRest, .replace("==", "="),
        .replace("{}", LogStreams.all), .search(LogStreams.all),
    ]

    private static let traceRepairs: [QueryRepair.Attempt] = [
        .replace("'", "\""), .closeQuote, .closeBrace, .quoteWord, .replace("==", "="), .replace(" and ", " && "),
        .replace(" or ", " || "), .wrap,
    ]

    private static func logPlace(_ text: String) -> QueryRepair.Verdict {
        do {
            _ = try LogQL.parse(text)
            return .sound
        } catch {
            if case .syntax(let line, let column, _) = error { return .wrong(line: line, column: column) }
            return .wrong(line: 1, column: 1)
        }
    }

    private static func tracePlace(_ text: String) -> QueryRepair.Verdict {
        do {
            _ = try TraceQL.parse(text)
            return .sound
        } catch {
            return .wrong(line: error.position?.line ?? 1, column: error.position?.column ?? 1)
        }
    }
}
