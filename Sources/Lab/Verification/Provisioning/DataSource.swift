/// A data source as Grafana knows it: what of it makes links between logs and traces.
package struct DataSource: Sendable, Equatable {
    package var name: String
    package var uid: String
    /// Such as `loki` or `tempo`.
    package var type: String
    package var url: String
    /// Of a log store: how a line becomes a link.
    package var derivedFields: [DerivedField]
    /// Of a trace store: how a span becomes a query for lines.
    package var tracesToLogs: TracesToLogs?
    /// Of a trace store: when a trace is looked for.
    package var traceQuery: TraceQuerySetting
    /// Of a trace store: how a span becomes queries for numbers.
    package var tracesToMetrics: TracesToMetrics?
    /// Of a trace store: where the numbers of its service map are.
    package var serviceMapUID: String?
    /// Of a trace store: the attribute that stands on the bars of a trace.
    package var spanBarTag: String?
    /// Of a store of numbers: how an exemplar becomes a link.
    package var exemplars: [ExemplarLink]
    /// Whether it is asked where nobody says which.
    package var isDefault: Bool
    /// The header fields that Grafana sends along; unknown of a Grafana that runs, which adds them itself.
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
    /// Grafana takes a name where it expects a uid, too.
    package func find(_ reference: String) -> DataSource? {
        first { $0.uid == reference } ?? first { $0.name == reference }
    }
}

/// A field that Grafana finds in a line of a Loki data source, and the link that it makes of it.
package struct DerivedField: Sendable, Equatable {
    package enum Matcher: String, Sendable {
        /// The expression finds the name of a label; the label's value is the field's.
        case label
        /// The expression is searched for in the line; its first group is the field's value.
        case regex
    }

    package var name: String
    package var matcher: Matcher
    package var expression: String
    /// The address, or for an internal link the query, with `${__value.raw}` where the value goes.
    package var url: String
    /// Where an internal link leads; `nil` for an external one.
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

/// `tracesToLogsV2`: the query that Grafana makes of a span.
package struct TracesToLogs: Sendable, Equatable {
    /// A span's attribute, and what the log store calls it.
    package struct Tag: Sendable, Equatable {
        package var key: String
        package var label: String?

        package init(_ key: String, _ label: String? = nil) {
            self.key = key
            self.label = label
        }
    }

    package var datasourceUID: String
    /// As they stand there, such as `-5m`; empty for none.
    package var startShift: String
    package var endShift: String
    package var tags: [Tag]
    /// `nil` where Grafana makes up the query.
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
