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
    /// What the log store answered to the queries that spans lead to.
    package var answers: [SpanLogsAnswer]

    package init(_ dataSources: [DataSource], from origin: String, answers: [SpanLogsAnswer] = []) {
        self.dataSources = dataSources
        self.origin = origin
        self.answers = answers
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
    package var outcome: Outcome

    package init(source: String, span: SpanRecord, in traceID: String, outcome: Outcome) {
        self.source = source
        self.traceID = traceID
        spanID = span.spanID
        service = span.service
        self.outcome = outcome
    }
}
