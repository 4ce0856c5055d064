import Testing

@testable import Verification

extension Evidence {
    /// With what a log store that has these lines would answer to the queries that spans lead to.
    func withAnswers() -> Evidence {
        guard case .known(var links) = provisioned else { return self }
        links.answers = links.tracesToLogs.flatMap { link in
            SpanLogsAsker.sampled(self).map { sample in
                SpanLogsAnswer(
                    source: link.source.name, span: sample.span, in: sample.trace.traceID,
                    outcome: outcome(link.setting, link.source, sample.span, sample.trace, links.dataSources))
            }
        }
        var copy = self
        copy.provisioned = .known(links)
        return copy
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
