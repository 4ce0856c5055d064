/// The settings of a Grafana data source that link logs and traces.
package struct DataSource: Sendable, Equatable {
    package var name: String
    package var uid: String
    /// For example `loki` or `tempo`.
    package var type: String
    package var url: String
    /// Log stores only: how a line becomes a link.
    package var derivedFields: [DerivedField]
    /// Trace stores only: how a span becomes a query for lines.
    package var tracesToLogs: TracesToLogs?
    /// Trace stores only: the time range in which a trace is looked for.
    package var traceQuery: TraceQuerySetting
    /// Trace stores only: how a span becomes queries for metrics.
    package var tracesToMetrics: TracesToMetrics?
    /// Trace stores only: the metrics store of the service map.
    package var serviceMapUID: String?
    /// Trace stores only: the attribute shown on the bars of a trace.
    package var spanBarTag: String?
    /// Metrics stores only: how an exemplar becomes a link.
    package var exemplars: [ExemplarLink]
    /// Whether it is used where no data source is named.
    package var isDefault: Bool
    /// The header fields that Grafana sends; unknown for a running Grafana, which adds them itself.
    package var headers: [String: String]

    package init(
        name: String, uid: String, type: String, url: String = "", derivedFields: [DerivedField] = [],
        tracesToLogs: TracesToLogs? = nil, traceQuery: TraceQuerySetting = TraceQuerySetting(),
        tracesToMetrics: TracesToMetrics? = nil, serviceMapUID: String? = nil, spanBarTag: String? = nil,
        exemplars: [ExemplarLink] = [], isDefault: Bool = false, headers: [String: String] = [:]
    ) {
        self.name = name
        self.uid = uid
        self.type = type
        self.url = url
        self.derivedFields = derivedFields
        self.tracesToLogs = tracesToLogs
        self.traceQuery = traceQuery
        self.tracesToMetrics = tracesToMetrics
        self.serviceMapUID = serviceMapUID
        self.spanBarTag = spanBarTag
        self.exemplars = exemplars
        self.isDefault = isDefault
        self.headers = headers
    }

    package var isLogStore: Bool { type == "loki" }
    package var isTraceStore: Bool { type == "tempo" || type == "jaeger" || type == "zipkin" }
    package var isNumberStore: Bool { type == "prometheus" }
}

extension [DataSource] {
    /// Grafana also accepts a name where it expects a uid.
    package func find(_ reference: String) -> DataSource? {
        first { $0.uid == reference } ?? first { $0.name == reference }
    }
}

/// A field that Grafana extracts from a line of a Loki data source, and the link for it.
package struct DerivedField: Sendable, Equatable {
    package enum Matcher: String, Sendable {
        /// The expression matches the name of a label; the label's value is the field's value.
        case label
        /// The expression is searched for in the line; its first group is the field's value.
        case regex
    }

    package var name: String
    package var matcher: Matcher
    package var expression: String
    /// The address or, for an internal link, the query, with `${__value.raw}` in place of the value.
    package var url: String
    /// The target of an internal link; `nil` for an external one.
    package var datasourceUID: String?

    package init(
        name: String, matcher: Matcher = .regex, expression: String, url: String = "${__value.raw}",
        datasourceUID: String? = nil
    ) {
        self.name = name
        self.matcher = matcher
        self.expression = expression
        self.url = url
        self.datasourceUID = datasourceUID
    }
}

/// `tracesToLogsV2`: the query that Grafana builds from a span.
package struct TracesToLogs: Sendable, Equatable {
    /// An attribute of a span, and its name in the log store.
    package struct Tag: Sendable, Equatable {
        package var key: String
        package var label: String?

        package init(_ key: String, _ label: String? = nil) {
            self.key = key
            self.label = label
        }
    }

    package var datasourceUID: String
    /// As written in the setting, such as `-5m`; empty if absent.
    package var startShift: String
    package var endShift: String
    package var tags: [Tag]
    /// `nil` if Grafana generates the query.
    package var customQuery: String?
    package var filtersByTraceID: Bool
    package var filtersBySpanID: Bool

    package init(
        datasourceUID: String, startShift: String = "", endShift: String = "", tags: [Tag] = [],
        customQuery: String? = nil, filtersByTraceID: Bool = false, filtersBySpanID: Bool = false
    ) {
        self.datasourceUID = datasourceUID
        self.startShift = startShift
        self.endShift = endShift
        self.tags = tags
        self.customQuery = customQuery
        self.filtersByTraceID = filtersByTraceID
        self.filtersBySpanID = filtersBySpanID
    }
}
