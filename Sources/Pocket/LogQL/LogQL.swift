/// The query language of the log store: the part of Grafana Loki's LogQL that the pocket stack speaks.
///
/// Understood are selectors, line filters (also `|>`), `json` and `logfmt` (of all fields or of named ones), `pattern`, `regexp`, label
/// filters, `line_format`, `label_format`, `drop` and `keep`; counts and rates of lines and bytes, `unwrap` with its
/// aggregations over time, `absent_over_time`, `offset`; `sum`, `avg`, `min`, `max`, `count`, `stddev`, `stdvar`, `topk`,
/// `bottomk`, `sort`, `sort_desc`, `label_replace`; arithmetic, comparisons and set operators between vectors, with `on`,
/// `ignoring`, `group_left` and `group_right`. What Loki knows beyond that is named in the error that refuses it.
package enum LogQL {
    /// Reads and checks a query. What this returns can be executed.
    /// - Throws: ``LogQLError``: with ``LogQLError/isUnsupported`` for a query that Loki understands and the pocket stack
    ///   does not; else the text is not LogQL.
    package static func parse(_ query: String) throws(LogQLError) -> LogQLQuery { try LogQLParser.parse(query) }
}
