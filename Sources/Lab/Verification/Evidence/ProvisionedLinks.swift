/// What is known of Grafana's data sources.
package enum Provisioned: Sendable, Equatable {
    /// Nothing, and why.
    case unknown(String)
    case known(ProvisionedLinks)
}

/// Grafana's data sources, and what came of following the links that they make.
package struct ProvisionedLinks: Sendable, Equatable {
    package var dataSources: [DataSource]
    /// A folder or an address.
    package var origin: String
    /// `nil` if nothing is known of any.
    package var alerts: [AlertRule]?
    package var dashboards: [GrafanaDashboard]?
    /// What the log store answered to the queries that spans lead to.
    package var answers: [SpanLogsAnswer]
    /// What the data sources answered to other clicks; `nil` while nobody has asked.
    package var clicks: ClickAnswers?

    package init(
        _ dataSources: [DataSource], from origin: String, alerts: [AlertRule]? = nil,
        dashboards: [GrafanaDashboard]? = nil, answers: [SpanLogsAnswer] = [], clicks: ClickAnswers? = nil
    ) {
        self.dataSources = dataSources
        self.origin = origin
        self.alerts = alerts
        self.dashboards = dashboards
        self.answers = answers
        self.clicks = clicks
    }

    /// The derived fields of all log stores, each with its data source.
    package var derivedFields: [(source: DataSource, field: DerivedField)] {
        dataSources.filter(\.isLogStore).flatMap { source in source.derivedFields.map { (source, $0) } }
    }

    /// The trace stores whose spans lead to lines, each with its setting.
    package var tracesToLogs: [(source: DataSource, setting: TracesToLogs)] {
        dataSources.filter(\.isTraceStore).compactMap { source in source.tracesToLogs.map { (source, $0) } }
    }
}

/// What came of the link from a span to its lines.
package struct SpanLogsAnswer: Sendable, Equatable {
    package enum Outcome: Sendable, Equatable {
        case lines(SpanLogsQuery, [LogRecord])
        /// The log store refused the query, and why.
        case refused(SpanLogsQuery, String)
        /// There is no query, and why.
        case noLink(String)
    }

    /// The trace store's name.
    package var source: String
    package var traceID: String
    package var spanID: String
    package var service: String
    /// Whether the span is a caller's, who writes no lines: `load`, `verify` and the like send the first span of a trace.
    package var isCaller: Bool
    package var outcome: Outcome

    package init(
        source: String, span: SpanRecord, in traceID: String, isCaller: Bool = false, outcome: Outcome
    ) {
        self.source = source
        self.isCaller = isCaller
        self.traceID = traceID
        spanID = span.spanID
        service = span.service
        self.outcome = outcome
    }
}
