import Encoding
import HTTP

/// What became of a load.
package struct LoadReport: Sendable {
    package let plan: LoadPlan
    /// Requests sent.
    package internal(set) var sent = 0
    /// Requests answered.
    package internal(set) var answered = 0
    /// Requests that could not be sent when they were due because as many as allowed were under way. They were sent
    /// later; their latency counts from when they were due.
    package internal(set) var late = 0
    /// Requests given up because they would have been sent too late.
    package internal(set) var dropped = 0
    /// Answers whose status is not what the kind of request should get.
    package internal(set) var unexpected = 0
    /// Answers that named another trace than the request's.
    package internal(set) var wrongTraces = 0
    /// Whether the load was ended before its plan.
    package internal(set) var isInterrupted = false
    /// From the start until the last answer.
    package internal(set) var duration: Duration = .zero
    /// How often each status came, by kind of request.
    package internal(set) var statuses: [RequestKind: [Int: Int]] = [:]
    /// How often each failure came, by its `error.type`.
    package internal(set) var errors: [String: Int] = [:]
    /// From when a request was due until its answer, so that a stall is seen by all whom it delayed.
    package internal(set) var latency = LatencyHistogram()
    /// From when a request was sent until its answer.
    package internal(set) var serviceTime = LatencyHistogram()

    /// What became of the load's own spans; `nil` if it recorded none.
    package var spans: Spans?

    /// The load's own spans, the roots of its traces.
    package struct Spans: Sendable, Equatable {
        /// Where they were sent.
        package var endpoint: String
        /// One for each request that was sent.
        package var recorded: Int
        /// Those that did not arrive: dropped from a full queue, refused, or never taken.
        package var lost: Int
        /// Why the first batch that failed did, if one did.
        package var reason: String?

        package init(endpoint: String, recorded: Int, lost: Int, reason: String? = nil) {
            self.endpoint = endpoint
            self.recorded = recorded
            self.lost = lost
            self.reason = reason
        }
    }

    init(plan: LoadPlan) { self.plan = plan }

    /// Requests without an answer.
    package var failed: Int { errors.values.reduce(0, +) }

    /// Answers a second.
    package var answerRate: Double { duration > .zero ? Double(answered) / (duration / .seconds(1)) : 0 }

    /// Whether every request of the plan got the answer it should get.
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
            if let spans {
                $0.name("spans")
                $0.object {
                    $0.member("endpoint", spans.endpoint)
                    $0.member("recorded", spans.recorded)
                    $0.member("lost", spans.lost)
                    if let reason = spans.reason { $0.member("reason", reason) }
                }
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
