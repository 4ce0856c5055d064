/// The query language of the log store: the subset of Grafana Loki's LogQL that the pocket stack supports.
///
/// It supports selectors, line filters (also `|>`), `json` and `logfmt` (all fields or named ones), `pattern`,
/// `regexp`, label filters, `line_format`, `label_format`, `drop` and `keep`; counts and rates of lines and bytes,
/// `unwrap` with its aggregations over time, `absent_over_time`, `offset`; `sum`, `avg`, `min`, `max`, `count`,
/// `stddev`, `stdvar`, `topk`, `bottomk`, `sort`, `sort_desc`, `label_replace`; arithmetic, comparisons and set
/// operators between vectors, with `on`, `ignoring`, `group_left` and `group_right`. Anything else that Loki supports
/// is rejected with an error that names it.
package enum LogQL {
    /// Parses and validates a query. The result can be executed.
    /// - Throws: ``LogQLError``: with ``LogQLError/isUnsupported`` for a query that Loki supports and the pocket stack
    ///   does not;
    ///   otherwise the text is not LogQL.
    package static func parse(_ query: String) throws(LogQLError) -> LogQLQuery { try LogQLParser.parse(query) }
}
