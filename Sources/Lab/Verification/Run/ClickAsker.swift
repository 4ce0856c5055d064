import Encoding
import HTTP

/// Sends the data sources the requests that Grafana would send: health checks, traces by id, the series that links
/// name. Failures here do not end a verification: rules report what was not answered.
struct ClickAsker: Sendable {
    /// How many of our traces are opened in each trace store, spread over all of them.
    static let sample = 5
    private static let hour: UInt64 = 3_600_000_000_000

    let access: SourceAccess
    let transport: any HTTPTransport
    let metrics: MetricsClient
    /// The trace store under verification.
    let tempo: String
    let wallClock: WallClock

    init(_ configuration: VerificationConfiguration, transport: any HTTPTransport, wallClock: WallClock) {
        access = SourceAccess(configuration)
        tempo = configuration.tempo
        metrics = MetricsClient(urls: configuration.services, transport: transport)
        self.transport = transport
        self.wallClock = wallClock
    }

    func ask(_ links: ProvisionedLinks, _ evidence: Evidence) async throws -> ClickAnswers {
        var answers = ClickAnswers()
        let reached = try await concurrently(links.dataSources, limit: 4) { try await reach($0) }
        for (source, reach) in zip(links.dataSources, reached) { answers.reach[source.uid] = reach }
        answers.exposed = try await orNothing { try await metrics.names() } ?? []
        for source in links.dataSources {
            if source.type == "tempo", let endpoint = traceEndpoint(of: source, answers.reach[source.uid]) {
                answers.traces += try await open(source, endpoint, evidence)
            }
            guard answers.reach[source.uid] == .answers, let endpoint = endpoint(of: source) else { continue }
            if source.isNumberStore {
                answers.numbers[source.uid] = try await series(NumberLinks(links).metrics(in: source), endpoint)
            }
        }
        return answers
    }

    /// How to reach a data source; `nil` if that is unknown here.
    func endpoint(of source: DataSource, timeout: Duration = .seconds(5)) -> Endpoint? {
        guard case .at(let url, let headers) = access.way(to: source) else { return nil }
        return Endpoint(
            backend: source.name, baseURL: url, transport: transport, timeout: timeout, headers: headers)
    }

    /// Where to open traces: at the trace store under verification if the provisioned address is in another network.
    private func traceEndpoint(of source: DataSource, _ reach: SourceReach?) -> Endpoint? {
        switch reach {
        case .answers?: endpoint(of: source)
        case .notAsked?:
            Endpoint(
                backend: source.name, baseURL: tempo, transport: transport, timeout: .seconds(5),
                headers: source.headers)
        default: nil
        }
    }

    // MARK: Reachability

    private func reach(_ source: DataSource) async throws -> SourceReach {
        switch access.way(to: source) {
        case .impossible(let reason): return .silent(reason)
        case .unknown(let reason): return .notAsked(reason)
        case .at:
            guard let endpoint = endpoint(of: source), let path = Self.sign(of: source.type) else {
                return .notAsked("\(source.type) is not known here")
            }
            do {
                let response = try await endpoint.get(path, accept: "application/json")
                // Through a proxy even a wrong password yields an answer, but not the store's.
                return response.status == .ok ? .answers : .silent("\(endpoint.error(response))")
            } catch let error as BackendError {
                return .silent(error.description)
            }
        }
    }

    /// A path that only a store of that type answers with 200, and, where it keeps tenants apart, only to requests that
    /// name one.
    private static func sign(of type: String) -> String? {
        switch type {
        case "loki": "/loki/api/v1/labels"
        case "tempo": "/api/search/tags"
        case "prometheus": "/api/v1/status/buildinfo"
        case "jaeger": "/api/services"
        default: nil
        }
    }

    // MARK: Traces

    private func open(_ source: DataSource, _ endpoint: Endpoint, _ evidence: Evidence) async throws -> [TraceClick] {
        let all = evidence.requests.compactMap { evidence.traces[$0.traceID] }
        let step = max(1, all.count / Self.sample)
        var jobs = stride(from: 0, to: all.count, by: step).prefix(Self.sample).map { index in
            let trace = all[index]
            return Job(traceID: trace.traceID, startNS: trace.startNS, endNS: trace.endNS)
        }
        if let old = try await orNothing({ try await oldTrace(endpoint) }) {
            jobs.append(
                Job(
                    traceID: old.traceID, startNS: old.startNS, endNS: old.endNS,
                    isOld: true))
        }
        let now = wallClock.now()
        return try await concurrently(jobs, limit: 4) { job in
            // Another rule reports a setting that is not a valid time.
            let window = try? source.traceQuery.window(for: ExploredView.around(job.startNS, job.endNS, now: now))
            return TraceClick(
                source: source.name, traceID: job.traceID, window: window, isOld: job.isOld,
                outcome: try await open(job.traceID, window, endpoint))
        }
    }

    private struct Job: Sendable {
        var traceID: String
        var startNS: UInt64
        var endNS: UInt64
        var isOld = false
    }

    /// Any trace of our services that is about an hour old.
    private func oldTrace(_ endpoint: Endpoint) async throws -> TempoClient.Found? {
        let now = wallClock.now()
        guard now > 2 * Self.hour else { return nil }
        let then = now - Self.hour
        return try await TempoClient(endpoint: endpoint).search(
            #"{ resource.service.namespace = "tailspan" }"#, in: (then - Self.hour / 6)..<(then + Self.hour / 6),
            limit: 1
        ).first
    }

    private func open(
        _ traceID: String, _ window: TraceQueryWindow?, _ endpoint: Endpoint
    ) async throws -> TraceClick.Outcome {
        let time = window.map { "?start=\($0.start)&end=\($0.end)" } ?? ""
        do {
            let response = try await endpoint.get(
                "/api/v2/traces/\(PercentEncoding.encode(traceID))" + time, accept: "application/protobuf")
            switch response.status {
            case .ok: break
            case .notFound: return .notFound
            default: return .refused(endpoint.error(response).reason)
            }
            let trace: GrafanaTrace
            do { trace = try GrafanaTrace(protobuf: response.body) } catch { return .unreadable("\(error)") }
            return trace.spans.isEmpty ? .notFound : .trace(trace)
        } catch let error as BackendError {
            return .refused(error.reason)
        }
    }

    // MARK: Numbers

    /// The labels of each metric's series in the last hour.
    private func series(_ metrics: Set<String>, _ endpoint: Endpoint) async throws -> [String: Set<String>] {
        let end = wallClock.now() / 1_000_000_000
        var result: [String: Set<String>] = [:]
        for name in metrics.sorted() {
            let path =
                "/api/v1/labels?match[]=\(PercentEncoding.encode(name))&start=\(end - min(end, 3600))&end=\(end)"
            let labels = try await orNothing {
                let response = try await endpoint.get(path, accept: "application/json")
                guard response.status == .ok else { throw endpoint.error(response) }
                return try JSONValue(parsing: response.body)["data"]?.array?.compactMap { $0.string }
            }
            if let labels = labels.flatMap({ $0 }) { result[name] = Set(labels) }
        }
        return result
    }

    /// The result of `body`; `nil` if it fails.
    private func orNothing<Result>(_ body: () async throws -> Result?) async throws -> Result? {
        do { return try await body() } catch let error as CancellationError { throw error } catch { return nil }
    }
}
