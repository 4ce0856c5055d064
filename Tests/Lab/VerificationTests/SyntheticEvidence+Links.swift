import Testing

@testable import Verification

extension Evidence {
    /// With what stores that have these lines and spans would answer to what Grafana asks.
    /// - Parameter change: breaks those answers.
    func withAnswers(_ change: (inout ClickAnswers) -> Void = { _ in }) -> Evidence {
        guard case .known(var links) = provisioned else { return self }
        let samples = SpanLogsAsker.sampled(self).map { ($0.span, $0.trace, false) } + SpanLogsAsker.calling(self)
        links.answers = links.tracesToLogs.flatMap { link in
            samples.map { span, trace, isCaller in
                SpanLogsAnswer(
                    source: link.source.name, span: span, in: trace.traceID, isCaller: isCaller,
                    outcome: outcome(link.setting, link.source, span, trace, links.dataSources))
            }
        }
        var clicks = clicks(links)
        change(&clicks)
        links.clicks = clicks
        var copy = self
        copy.provisioned = .known(links)
        return copy
    }

    private func clicks(_ links: ProvisionedLinks) -> ClickAnswers {
        var clicks = ClickAnswers()
        clicks.exposed = ["http_server_request_duration_seconds_count"]
        for source in links.dataSources {
            clicks.reach[source.uid] = source.url.isEmpty ? .silent("no address") : .answers
            if source.isNumberStore {
                for name in NumberLinks(links).metrics(in: source) {
                    clicks.numbers[source.uid, default: [:]][name] = ["service_name"]
                }
            }
            guard source.type == "tempo" else { continue }
            // As Tempo gives traces that have not been written to disk yet: whatever time is asked for.
            for trace in requests.prefix(3).compactMap({ traces[$0.traceID] }) {
                let spans = trace.spans.map { GrafanaTrace.Span(spanID: $0.spanID.lowercased()) }
                clicks.traces.append(
                    TraceClick(
                        source: source.name, traceID: trace.traceID, outcome: .trace(GrafanaTrace(spans: spans))))
            }
        }
        return clicks
    }

    private func outcome(
        _ setting: TracesToLogs, _ source: DataSource, _ span: SpanRecord, _ trace: TraceData, _ all: [DataSource]
    ) -> SpanLogsAnswer.Outcome {
        guard all.find(setting.datasourceUID)?.isLogStore == true else { return .noLink("no log store") }
        do {
            let query = try SpanLogsQuery(setting, of: source, span: span, in: trace)
            guard let selector = FakeLogQL(query.expression) else { return .refused(query, "parse error") }
            return .lines(
                query, lines.filter { query.range.contains($0.timestampNS) && selector.matches($0.labels) })
        } catch {
            return .noLink(error.reason)
        }
    }

    mutating func changeLinks(_ change: (inout [DataSource]) -> Void) {
        guard case .known(var links) = provisioned else { return }
        change(&links.dataSources)
        provisioned = .known(links)
    }

    mutating func changeTempo(_ change: (inout DataSource) -> Void) { changeLinks { change(&$0[1]) } }

    mutating func changeAlert(_ change: (inout AlertRule) -> Void) {
        guard case .known(var links) = provisioned, links.alerts?.isEmpty == false else { return }
        change(&links.alerts![0])
        provisioned = .known(links)
    }

    /// Gives the first dashboard that link alone.
    mutating func linkDashboard(_ url: String, keepsTime: Bool = false) {
        guard case .known(var links) = provisioned, links.dashboards?.isEmpty == false else { return }
        links.dashboards![0].links = [DashboardLink(place: "panel P", title: "L", url: url, keepsTime: keepsTime)]
        provisioned = .known(links)
    }

    /// Searches the lines for the trace id, instead of their labels.
    mutating func searchLines(_ expression: String = #""trace_id":"([0-9a-f]{32})""#) {
        changeField("Label") {
            $0.matcher = .regex; $0.expression = expression
        }
    }

    mutating func addField(_ field: DerivedField) { changeLinks { $0[0].derivedFields.append(field) } }

    mutating func changeField(_ name: String, _ change: (inout DerivedField) -> Void) {
        changeLinks { sources in
            guard let index = sources[0].derivedFields.firstIndex(where: { $0.name == name }) else {
                preconditionFailure("no such field")
            }
            change(&sources[0].derivedFields[index])
        }
    }

    mutating func changeTracesToLogs(_ change: (inout TracesToLogs) -> Void) {
        changeLinks { sources in
            guard var setting = sources[1].tracesToLogs else { preconditionFailure("no such setting") }
            change(&setting)
            sources[1].tracesToLogs = setting
        }
    }
}
