import Encoding

/// A request worth looking at, with its trace.
package struct NotableRequest: Sendable, Equatable {
    /// Its index in the plan, from 0.
    package var index: Int
    /// 32 hex digits.
    package var traceID: String
    /// From its sending until its answer or failure.
    package var duration: Duration
    /// The status of the answer, or the `error.type` of the failure.
    package var outcome: String

    package init(index: Int, traceID: String, duration: Duration, outcome: String) {
        self.index = index
        self.traceID = traceID
        self.duration = duration
        self.outcome = outcome
    }

    package func write(to json: inout JSONWriter) {
        json.object {
            $0.member("trace_id", traceID)
            $0.member("duration_ms", duration / .milliseconds(1))
            $0.member("outcome", outcome)
        }
    }

    /// Writes the members `slowest` and `first_failure`, if present.
    package static func write(
        slowest: NotableRequest?, firstFailure: NotableRequest?, to json: inout JSONWriter
    ) {
        for (name, request) in [("slowest", slowest), ("first_failure", firstFailure)] {
            guard let request else { continue }
            json.name(name)
            request.write(to: &json)
        }
    }
}
