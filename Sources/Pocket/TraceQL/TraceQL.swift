/// The query language of the trace store: the subset of Grafana Tempo's TraceQL that selects spans and traces, and that
/// turns spans into metrics.
///
/// It supports span filters `{ … }`, their combinations by `&&`, `||` and the structural operators, and the pipeline
/// stages `count()`, `avg(…)`, `min(…)`, `max(…)`, `sum(…)` with a comparison, `by(…)`, `coalesce()` and `select(…)`. A
/// metrics function may end the pipeline: `rate()`, `count_over_time()`, `min_over_time(…)`, `max_over_time(…)`,
/// `avg_over_time(…)`, `sum_over_time(…)`, `quantile_over_time(…)` or `histogram_over_time(…)`, each with `by (…)`, and
/// after it `topk(…)`, `bottomk(…)` and comparisons. Anything else that Tempo supports is rejected with an error that
/// names it.
package enum TraceQL {
    /// Parses and validates a query. The result can be executed: as a search and, if it has ``TraceQL/Query/metrics``,
    /// as a metrics query.
    package static func parse(_ text: String) throws(QueryError) -> Query {
        let tokens = try Lexer.tokens(of: text)
        var parser = try Parser(tokens: tokens)
        let query = try parser.parseQuery()
        try query.validate()
        return query
    }

    /// Parses the name of one field, such as `resource.service.name` or `status`.
    package static func parseField(_ text: String) throws(QueryError) -> Field {
        let tokens = try Lexer.tokens(of: text)
        var parser = try Parser(tokens: tokens)
        return try parser.parseSingleField()
    }

    /// Why a query is rejected.
    package struct QueryError: Error, Equatable, CustomStringConvertible {
        /// The position in the text, or `nil` if a whole expression is at fault.
        package var position: Position?
        package var message: String
        /// Whether the query is valid in Tempo, but not supported here.
        package var isUnsupported = false

        package var description: String {
            guard let position else { return message }
            return "parse error at line \(position.line), col \(position.column): \(message)"
        }
    }

    /// A position in a query's text. Lines and columns count from 1; columns count characters.
    package struct Position: Equatable, Sendable {
        package var line: Int
        package var column: Int
    }

    static func unsupported(_ what: String) -> QueryError {
        QueryError(position: nil, message: "pocket stack: `\(what)` is not supported", isUnsupported: true)
    }
}
