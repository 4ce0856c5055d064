import Encoding
import HTTP

/// The outcome of a load.
package struct LoadReport: Sendable {
    package let plan: LoadPlan
    package internal(set) var sent = 0
    package internal(set) var answered = 0
    /// Requests that could not be sent when they were due because the maximum number was in flight. They were sent
    /// later; their latency counts from their due time.
    package internal(set) var late = 0
    /// Requests dropped because they would have been sent too late.
    package internal(set) var dropped = 0
    /// Answers whose status is not the expected one for the kind of request.
    package internal(set) var unexpected = 0
    /// Answers that named another trace than the request's.
    package internal(set) var wrongTraces = 0
    /// Whether the load ended before its plan was done.
    package internal(set) var isInterrupted = false
    /// From the start until the last answer.
    package internal(set) var duration: Duration = .zero
    /// How often each status occurred, by kind of request.
    package internal(set) var statuses: [RequestKind: [Int: Int]] = [:]
    /// How often each failure occurred, by its `error.type`.
    package internal(set) var errors: [String: Int] = [:]
    /// From a request's due time until its answer, so a stall counts for every request that it delays.
    package internal(set) var latency = LatencyHistogram()
    /// From the sending of a request until its answer.
    package internal(set) var serviceTime = LatencyHistogram()

    /// The request whose answer or failure took longest, measured from its sending.
    package private(set) var slowest: NotableRequest?
    /// The first request in the plan that got no answer or an unexpected one.
    package private(set) var firstFailure: NotableRequest?
    /// The outcome of the load's own spans; `nil` if none were to be sent.
    package var spans: RootSpanCounts?

    init(plan: LoadPlan) { self.plan = plan }

    /// Updates the slowest request and the first failure.
    mutating func note(_ request: PlannedRequest, _ result: LoadRunner.Outcome.Result, _ duration: Duration) {
        var outcome = ""
        var isFailure = true
        switch result {
        case .answer(let answer):
            outcome = "\(answer.status.code)"
            isFailure = !request.kind.expects(answer.status)
        case .failure(let type): outcome = type
        case .dropped: return
        }
        let notable = NotableRequest(
            index: request.index, traceID: request.traceID, duration: duration, outcome: outcome)
        if slowest.map({ duration > $0.duration }) ?? true { slowest = notable }
        if isFailure, firstFailure.map({ request.index < $0.index }) ?? true { firstFailure = notable }
    }

    /// Requests without an answer.
    package var failed: Int { errors.values.reduce(0, +) }

    /// Answers per second.
    package var answerRate: Double { duration > .zero ? Double(answered) / (duration / .seconds(1)) : 0 }

    /// Whether every request of the plan got the expected answer.
    package var isClean: Bool {
        answered == plan.count && unexpected == 0 && wrongTraces == 0 && failed == 0 && !isInterrupted
    }

    /// Writes the report as a JSON object; durations are milliseconds.
    package func write(to json: inout JSONWriter) {
        json.object {
            $0.member("seed", plan.seed)
            $0.member("rate", plan.rate)
            $0.member("concurrency", plan.concurrency)
            $0.member("mix", plan.mix.description)
            $0.member("workload_mix", plan.computations.description)
            $0.member("planned", plan.count)
            $0.member("sent", sent)
            $0.member("answered", answered)
            $0.member("failed", failed)
            $0.member("late", late)
            $0.member("dropped", dropped)
            $0.member("unexpected", unexpected)
            $0.member("wrong_traces", wrongTraces)
            $0.member("interrupted", isInterrupted)
            $0.member("duration_ms", duration / .milliseconds(1))
            $0.member("answers_per_second", answerRate)
            $0.name("statuses")
            $0.object {
                for kind in RequestKind.allCases {
                    guard let counts = statuses[kind] else { continue }
                    $0.name(kind.rawValue)
                    $0.object {
                        for (status, count) in counts.sorted(by: { $0.key < $1.key }) { $0.member("\(status)", count) }
                    }
                }
            }
            $0.name("errors")
            $0.object { for (type, count) in errors.sorted(by: { $0.key < $1.key }) { $0.member(type, count) } }
            $0.name("latency_ms")
            latency.write(to: &$0)
            $0.name("service_time_ms")
            serviceTime.write(to: &$0)
            NotableRequest.write(slowest: slowest, firstFailure: firstFailure, to: &$0)
            if let spans {
                $0.name("spans")
                spans.write(to: &$0)
            }
        }
    }
}

extension LatencyHistogram {
    /// Writes the usual quantiles in milliseconds.
    package func write(to json: inout JSONWriter) {
        json.object {
            $0.member("min", minimum / .milliseconds(1))
            $0.member("mean", mean / .milliseconds(1))
            $0.member("p50", quantile(0.5) / .milliseconds(1))
            $0.member("p90", quantile(0.9) / .milliseconds(1))
            $0.member("p99", quantile(0.99) / .milliseconds(1))
            $0.member("max", maximum / .milliseconds(1))
        }
    }
}
