/// The input of the rules: the requests that were sent, and all telemetry about them.
package struct Evidence: Sendable {
    package var requests: [SentRequest]
    /// By trace id; traces that were not found are absent.
    package var traces: [String: TraceData]
    /// The callers' spans of the requests, by trace id; they are not in ``traces``. `nil` if it is unknown whether the
    /// trace store accepted them.
    package var roots: [String: SpanRecord]?
    /// All lines of the services during the run, including those of other requests.
    package var lines: [LogRecord]
    /// By service; empty if no service was asked.
    package var counts: [String: CountDelta]
    /// Requests that only asked whether a task is done: not traced, but counted by the services.
    package var polls: Int
    package var tolerance: Tolerance
    /// Whether requests may end differently than planned, because faults are being injected.
    package var toleratesFailures: Bool
    /// Grafana's links from lines to traces and back.
    package var provisioned: Provisioned

    package init(
        requests: [SentRequest], traces: [String: TraceData] = [:], roots: [String: SpanRecord]? = nil,
        lines: [LogRecord] = [],
        counts: [String: CountDelta] = [:], polls: Int = 0, tolerance: Tolerance = Tolerance(),
        toleratesFailures: Bool = false, provisioned: Provisioned = .unknown("no provisioning was given")
    ) {
        self.requests = requests
        self.traces = traces
        self.roots = roots
        self.lines = lines
        self.counts = counts
        self.polls = polls
        self.tolerance = tolerance
        self.toleratesFailures = toleratesFailures
        self.provisioned = provisioned
    }
}

/// Allowed deviations of times, in nanoseconds.
package struct Tolerance: Sendable, Equatable {
    /// The largest allowed clock skew.
    package var skewNS: UInt64
    /// How much later than its caller's span a SERVER span may end: it ends when the body has been handed over, and by
    /// then the caller may have read it.
    package var responseTailNS: UInt64

    package init(skewNS: UInt64 = 2_000_000, responseTailNS: UInt64 = 100_000_000) {
        self.skewNS = skewNS
        self.responseTailNS = responseTailNS
    }
}

/// A request that was sent, and its outcome.
package struct SentRequest: Sendable, Equatable {
    package enum Outcome: Sendable, Equatable {
        /// As the plan has it.
        case asPlanned
        /// Something else; the text says what, and what was expected.
        case other(String)
        /// The text says why.
        case noAnswer(String)

        package var complaint: String? {
            switch self {
            case .asPlanned: nil
            case .other(let text): text
            case .noAnswer(let reason): "no answer: \(reason)"
            }
        }
    }

    package var request: VerificationRequest
    package var outcome: Outcome
    /// The status of the answer, if there was one.
    package var status: Int?
    /// The task that it created, if any.
    package var taskID: String?

    /// Until the answer, or until it was given up.
    package var duration: Duration

    package init(
        request: VerificationRequest, outcome: Outcome, status: Int? = nil, taskID: String? = nil,
        duration: Duration = .zero
    ) {
        self.duration = duration
        self.request = request
        self.outcome = outcome
        self.status = status
        self.taskID = taskID
    }

    package var traceID: String { request.traceID }
    package var expected: ExpectedSpan { ExpectedEdges.root(of: request.kind, request.computation) }
}

/// What a service counted during the run.
package struct CountDelta: Sendable, Equatable {
    /// Spans that the trace store accepted from it; `nil` if it does not report them.
    package var spansExported: Int?
    /// Requests that it answered, not counting health checks and similar requests.
    package var requestsServed: Int

    package init(spansExported: Int?, requestsServed: Int) {
        self.spansExported = spansExported
        self.requestsServed = requestsServed
    }
}
