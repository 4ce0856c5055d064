/// What is known of Grafana's data sources.
package enum Provisioned: Sendable, Equatable {
    /// Nothing is known; with the reason.
    case unknown(String)
    case known(ProvisionedLinks)
}

/// Grafana's data sources, and the results of following their links.
package struct ProvisionedLinks: Sendable, Equatable {
    package var dataSources: [DataSource]
    /// A folder or an address.
    package var origin: String
    /// `nil` if none could be read.
    package var alerts: [AlertRule]?
    package var dashboards: [GrafanaDashboard]?
    /// The log store's answers to the queries of span links.
    package var answers: [SpanLogsAnswer]
    /// The data sources' answers to other clicks; `nil` until they have been asked.
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

    /// The trace stores with a link from spans to lines, each with its setting.
    package var tracesToLogs: [(source: DataSource, setting: TracesToLogs)] {
        dataSources.filter(\.isTraceStore).compactMap { source in source.tracesToLogs.map { (source, $0) } }
    }
}

/// The result of following the link from a span to its lines.
package struct SpanLogsAnswer: Sendable, Equatable {
    package enum Outcome: Sendable, Equatable {
        case lines(SpanLogsQuery, [LogRecord])
        /// The log store refused the query; with the reason.
        case refused(SpanLogsQuery, String)
        /// There is no query; with the reason.
        case noLink(String)
    }

    /// The trace store's name.
    package var source: String
    package var traceID: String
    package var spanID: String
    package var service: String
    /// Whether the span belongs to a caller, which writes no lines: `load`, `verify` and others send the first span of
    /// a trace.
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
