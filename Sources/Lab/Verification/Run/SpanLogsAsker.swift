/// Follows the links from spans to their lines: sends the log store the queries that Grafana would send.
struct SpanLogsAsker: Sendable {
    /// How many spans are checked for each trace store: one per trace and service, spread over all traces if there are
    /// more. It is the service's shortest span, whose time range leaves the least room for its lines.
    static let sample = 100
    /// Grafana's default limit of lines.
    static let lineLimit = 1000

    /// How many callers' spans are checked for each trace store.
    static let callers = 3

    /// The client for a data source.
    let loki: @Sendable (DataSource) -> LokiClient

    /// - Throws: ``BackendError`` if the log store cannot be reached; a refused query is a result.
    func ask(_ sources: [DataSource], _ evidence: Evidence) async throws -> [SpanLogsAnswer] {
        let links = ProvisionedLinks(sources, from: "").tracesToLogs
        let samples = Self.sampled(evidence).map { ($0.span, $0.trace, false) } + Self.calling(evidence)
        let jobs = links.flatMap { link in
            samples.map { span, trace, isCaller in
                Job(source: link.source, setting: link.setting, span: span, trace: trace, isCaller: isCaller)
            }
        }
        return try await concurrently(jobs, limit: 8) { job in
            let outcome = try await follow(job, to: sources.find(job.setting.datasourceUID))
            return SpanLogsAnswer(
                source: job.source.name, span: job.span, in: job.trace.traceID, isCaller: job.isCaller,
                outcome: outcome)
        }
    }

    /// The requests' own spans, each in its trace: the first row that users see, and click.
    static func calling(_ evidence: Evidence) -> [(SpanRecord, TraceData, Bool)] {
        evidence.requests.lazy.compactMap { request -> (SpanRecord, TraceData, Bool)? in
            guard let root = evidence.roots?[request.traceID], var trace = evidence.traces[request.traceID] else {
                return nil
            }
            trace.spans.insert(root, at: 0)
            return (root, trace, true)
        }.prefix(callers).map { $0 }
    }

    private struct Job: Sendable {
        var source: DataSource
        var setting: TracesToLogs
        var span: SpanRecord
        var trace: TraceData
        var isCaller: Bool
    }

    /// One span per trace and service.
    static func sampled(_ evidence: Evidence) -> [(span: SpanRecord, trace: TraceData)] {
        let all = evidence.requests.compactMap { evidence.traces[$0.traceID] }.flatMap { trace in
            trace.services.compactMap { service in
                trace.spans.filter { $0.service == service }.min { $0.durationNS < $1.durationNS }.map { ($0, trace) }
            }
        }
        guard all.count > sample else { return all }
        return (0..<sample).map { all[$0 * all.count / sample] }
    }

    private func follow(_ job: Job, to target: DataSource?) async throws -> SpanLogsAnswer.Outcome {
        guard let target else { return .noLink("there is no data source \(job.setting.datasourceUID) to lead to") }
        guard target.isLogStore else {
            return .noLink("data source \(target.name) is of the type \(target.type), not loki")
        }
        let query: SpanLogsQuery
        do {
            query = try SpanLogsQuery(job.setting, of: job.source, span: job.span, in: job.trace)
        } catch {
            return .noLink(error.reason)
        }
        do {
            return .lines(query, try await loki(target).lines(query.expression, in: query.range, limit: Self.lineLimit))
        } catch let error as BackendError where error.status.map({ (400..<500).contains($0) && $0 != 429 }) == true {
            // Includes answers that ask for a tenant or a password: repeating the query would not help.
            return .refused(query, error.reason)
        }
    }
}
