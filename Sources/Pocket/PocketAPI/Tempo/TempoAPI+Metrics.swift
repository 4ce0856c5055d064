import Encoding
import HTTP
import PocketStore
import QuerySupport
import TraceContext
import TraceQL

extension TempoAPI {
    /// Limits as in Tempo: the number of intervals, the time range, and the number of exemplars.
    private static let maximumIntervals: UInt64 = 10_000
    private static let maximumLength: UInt64 = 24 * 3600 * 1_000_000_000
    private static let maximumExemplars = 100

    func metrics(_ request: Request, isInstant: Bool) async throws -> Response {
        let parameters = request.queryParameters
        let (start, end) = try metricsRange(parameters)
        if isInstant {
            guard end > start else { throw Problem("end must be greater than start") }
        }
        let steps =
            isInstant
            ? MetricSteps(instantFrom: start, to: end)
            : MetricSteps(from: start, to: end, step: try Self.step(parameters, start, end))
        return try await store.database.read { database, budget in
            let query: TraceQL.Query
            do throws(TraceQL.QueryError) {
                query = try TraceQL.parse(parameters["q"] ?? parameters["query"] ?? "")
            } catch {
                throw Problem(error.description)
            }
            guard let metrics = query.metrics else { throw Problem("not a metrics query") }
            let wanted = TraceMetricsRequest(
                query: query, metrics: metrics, steps: steps, exemplars: Self.exemplars(metrics, parameters))
            do {
                return try Self.response(try TraceStore.metrics(wanted, database, budget), steps, budget)
            } catch let error as TraceMetricsError {
                throw Problem(error.description, status: .unprocessableContent)
            }
        }
    }

    // MARK: Parameters

    /// `start` and `end` in seconds, nanoseconds or RFC 3339; the default is the last hour, or the last `since`.
    private func metricsRange(_ parameters: QueryParameters) throws -> (start: UInt64, end: UInt64) {
        let now = clock.now()
        let end = try Self.time("end", parameters) ?? now
        var since: UInt64 = 3600 * 1_000_000_000
        if let text = parameters["since"], !text.isEmpty {
            guard let value = Measure.duration(text), value > 0 else {
                throw Problem("could not parse 'since' parameter: not a valid duration string: \"\(text)\"")
            }
            since = UInt64(value)
        }
        let latest = min(now, end)
        let start = try Self.time("start", parameters) ?? (latest > since ? latest - since : 0)
        guard start > 0 else { throw Problem("start required") }
        guard start <= end else { throw Problem("end must be greater than start") }
        guard end - start <= Self.maximumLength else {
            throw Problem("metrics query time range exceeds the maximum allowed duration of 24h0m0s")
        }
        return (start, end)
    }

    private static func time(_ name: String, _ parameters: QueryParameters) throws -> UInt64? {
        guard let text = parameters[name], !text.isEmpty else { return nil }
        do {
            return UInt64(clamping: try LokiParameters.time(text))
        } catch {
            throw Problem("could not parse '\(name)' parameter: \(error)")
        }
    }

    /// `step` as seconds or as a duration such as `30s`.
    private static func step(_ parameters: QueryParameters, _ start: UInt64, _ end: UInt64) throws -> UInt64 {
        guard let text = parameters["step"], !text.isEmpty else { return MetricSteps.defaultStep(from: start, to: end) }
        let step: Int64
        if let seconds = Double(text), seconds.magnitude < 9e9 {
            step = Int64(nearest: seconds * 1e9)
        } else if let value = Measure.duration(text) {
            step = value
        } else {
            throw Problem("cannot parse \"\(text)\" to a valid duration")
        }
        guard step > 0, (end - start) / UInt64(step) <= maximumIntervals else {
            let minimum = TraceQL.Duration.text(nanoseconds: Int64(clamping: (end - start) / maximumIntervals))
            throw Problem(
                "step of \(TraceQL.Duration.text(nanoseconds: step)) is too small, minimum step for given range is "
                    + minimum)
        }
        return UInt64(step)
    }

    private static func exemplars(_ metrics: TraceQL.Metrics, _ parameters: QueryParameters) -> Int {
        switch metrics.exemplars {
        case .count(let count)?: return min(count, maximumExemplars)
        case .some(false)?: return 0
        case .some(true)?, nil:
            let asked = parameters["exemplars"].flatMap(Int.init) ?? 0
            return asked > 0 ? min(asked, maximumExemplars) : maximumExemplars
        }
    }

    // MARK: Answer

    private static func response(
        _ result: TraceMetricsResult, _ steps: MetricSteps, _ budget: QueryBudget
    ) throws -> Response {
        try .json { (json: inout JSONWriter) in
            try json.object { json in
                if !steps.isInstant || !result.series.isEmpty {
                    json.name("series")
                    try json.array { json in
                        for series in result.series { try json.charged(budget) { $0.series(series, steps) } }
                    }
                }
                json.name("metrics")
                json.object {
                    if result.inspectedBytes > 0 { $0.member("inspectedBytes", String(result.inspectedBytes)) }
                    $0.member("completedJobs", 1)
                    $0.member("totalJobs", 1)
                }
            }
        }
    }
}

extension JSONWriter {
    /// A series in Tempo's format: zero values are omitted, as in protobuf's JSON mapping.
    fileprivate mutating func series(_ series: TraceMetricsResult.Series, _ steps: MetricSteps) {
        object { json in
            json.name("labels")
            json.labels(series.labels)
            if steps.isInstant {
                if series.values[0] != 0 { json.member("value", series.values[0]) }
                return
            }
            json.name("samples")
            json.array { json in
                for (step, value) in series.values.enumerated() where !value.isNaN {
                    json.object {
                        $0.member("timestampMs", String(steps.milliseconds(of: step)))
                        if value != 0 { $0.member("value", value) }
                    }
                }
            }
            let exemplars = series.exemplars.compactMap { exemplar in
                let here = series.values[exemplar.step]
                return here.isNaN ? nil : (exemplar, exemplar.value ?? here)
            }
            guard !exemplars.isEmpty else { return }
            json.name("exemplars")
            json.array { json in
                for (exemplar, value) in exemplars.reversed() {
                    json.object { json in
                        let id = String(exemplar.traceID.description.drop { $0 == "0" })
                        json.name("labels")
                        json.labels([MetricLabel(key: "trace:id", value: .string(id))] + exemplar.labels)
                        if value != 0 { json.member("value", value) }
                        json.member("timestampMs", String(exemplar.milliseconds))
                    }
                }
            }
        }
    }

    private mutating func labels(_ labels: [MetricLabel]) {
        array { json in
            for label in labels {
                json.object { json in
                    json.member("key", label.key)
                    json.name("value")
                    json.anyValue(label.value)
                }
            }
        }
    }
}
