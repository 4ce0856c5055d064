import Encoding
import HTTP
import LogQL
import PocketStore

extension LokiAPI {
    func queryRange(_ request: Request) async throws -> Response {
        let parameters = LokiParameters(request, now: clock.now())
        let range = try parameters.range()
        let newestFirst = try parameters.newestFirst()
        let limit = try parameters.limit()
        let interval = try parameters.interval()
        let flags = request.headers["x-loki-response-encoding-flags"] ?? ""
        let categorized = flags.contains("categorize-labels")
        let text = parameters.query
        return try await read { reader, start in
            switch try LogQL.parse(text) {
            case .logs(let pipeline):
                guard limit <= LokiParameters.maximumLimit else {
                    throw LokiParameterError(
                        "max entries limit per query exceeded, limit > max_entries_limit_per_query "
                            + "(\(limit) > \(LokiParameters.maximumLimit))")
                }
                let query = LogQuery(
                    pipeline: pipeline, range: range, limit: limit, newestFirst: newestFirst, interval: interval,
                    categorizesLabels: categorized)
                let result = try query.run(reader)
                return try LokiResponses.streams(
                    result, categorized: categorized, seconds: Self.seconds(since: start), reader.budget)
            case .metric(let expression):
                let query = MetricQuery(expression: expression, range: range.aligned)
                let result = try query.run(reader)
                return try LokiResponses.matrix(
                    result, query.range, seconds: Self.seconds(since: start), reader.budget)
            }
        }
    }

    func queryInstant(_ request: Request) async throws -> Response {
        let parameters = LokiParameters(request, now: clock.now())
        let time = try parameters.moment()
        _ = try parameters.limit()
        let text = parameters.query
        return try await read { reader, start in
            guard case .metric(let expression) = try LogQL.parse(text) else {
                throw LokiParameterError(
                    "log queries are not supported as an instant query type, please change your query to a range "
                        + "query type")
            }
            let query = MetricQuery(expression: expression, range: QueryRange(start: time, end: time))
            let order: LokiResponses.VectorOrder =
                switch expression {
                case .aggregate(.topk, _, nil, _), .sorted(descending: true, _): .descending
                case .sorted(descending: false, _): .ascending
                default: .labels
                }
            let result = try query.run(reader)
            return try LokiResponses.vector(
                result, at: time, order: order, seconds: Self.seconds(since: start), reader.budget)
        }
    }

    func labelNames(_ request: Request) async throws -> Response {
        let parameters = LokiParameters(request, now: clock.now())
        return try await streams(parameters, [parameters.query]) { streams in
            LokiResponses.list(Set(streams.flatMap { $0.map(\.name) }).sorted())
        }
    }

    func labelValues(_ request: Request, name: String) async throws -> Response {
        let parameters = LokiParameters(request, now: clock.now())
        return try await streams(parameters, [parameters.query]) { streams in
            LokiResponses.list(Set(streams.compactMap { $0[name] }).sorted())
        }
    }

    func series(_ request: Request) async throws -> Response {
        let parameters = LokiParameters(request, now: clock.now())
        return try await streams(parameters, parameters.all("match[]") + parameters.all("match")) { streams in
            LokiResponses.series(Set(streams).sorted { $0.precedes($1) })
        }
    }

    /// Grafana asks how much a query would read before it runs it. Here a stream counts as one chunk, with everything
    /// that the query reads of it. As in Loki, the bytes include structured metadata.
    func indexStatistics(_ request: Request) async throws -> Response {
        let parameters = LokiParameters(request, now: clock.now())
        let (start, end) = try parameters.bounds()
        let selector = parameters.query
        let matchers = selector.isEmpty || selector == "{}" ? [] : try LogQLParser.parseSelector(selector)
        return try await read { reader, _ in
            let streams = try reader.streams(matchers, from: start, to: end)
            var met: Set<Int64> = []
            var (entries, bytes) = (0, 0)
            try reader.forEachLine(of: streams, from: start, to: end, newestFirst: false) { line in
                met.insert(line.stream.id)
                entries += 1
                bytes += line.text.count + line.metadataBytes.count
                return true
            }
            return Array(
                "{\"streams\":\(met.count),\"chunks\":\(met.count),\"bytes\":\(bytes),\"entries\":\(entries)}".utf8)
        }
    }

    /// The maximum number of selectors in a request.
    private static let maximumSelectors = 100

    /// Passes the labels of all streams that match any of `selectors` to `body`; without selectors, of all streams.
    private func streams(
        _ parameters: LokiParameters, _ selectors: [String], _ body: @escaping @Sendable ([[Label]]) -> [UInt8]
    ) async throws -> Response {
        let (start, end) = try parameters.bounds()
        return try await read { reader, _ in
            var alternatives: [[LabelMatcher]] = []
            for selector in selectors where !selector.isEmpty && selector != "{}" {
                guard alternatives.count < Self.maximumSelectors else {
                    throw LokiParameterError("more than \(Self.maximumSelectors) selectors")
                }
                alternatives.append(try LogQLParser.parseSelector(selector))
            }
            if alternatives.isEmpty { alternatives = [[]] }
            var found: [Int64: [Label]] = [:]
            for matchers in alternatives {
                for stream in try reader.streams(matchers, from: start, to: end) { found[stream.id] = stream.labels }
            }
            return body(Array(found.values))
        }
    }

    private func read(
        _ body: @escaping @Sendable (LogReader, ContinuousClock.Instant) throws -> [UInt8]
    ) async throws -> Response {
        let start = ContinuousClock.now
        return LokiResponses.json(
            try await database.read(timeout: queryTimeout) { database, budget in
                try body(LogReader(database: database, budget: budget), start)
            })
    }

    private static func seconds(since start: ContinuousClock.Instant) -> Double {
        (ContinuousClock.now - start).seconds
    }
}
