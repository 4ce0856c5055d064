import Encoding

/// The outcome of the spans that a command recorded for its own requests: the roots of their traces.
package struct RootSpanCounts: Sendable, Equatable {
    /// The endpoint they were sent to; `nil` if none was configured.
    package var endpoint: String?
    /// One for each request sent.
    package var recorded: Int
    /// Spans that the endpoint accepted.
    package var exported: Int
    /// Why the first failed batch failed; `nil` if none did.
    package var reason: String?

    package init(endpoint: String?, recorded: Int, exported: Int, reason: String? = nil) {
        self.endpoint = endpoint
        self.recorded = recorded
        self.exported = exported
        self.reason = reason
    }

    /// Spans that did not arrive: dropped from a full queue, refused, or never accepted.
    package var lost: Int { max(recorded - exported, 0) }

    /// A message about lost spans; `nil` if none were lost.
    package var complaint: String? {
        guard lost > 0 else { return nil }
        let target = endpoint.map { "did not reach \($0)" } ?? "were not sent"
        return "\(lost) of \(recorded) own spans \(target)" + (reason.map { " (\($0))" } ?? "")
    }

    package func write(to json: inout JSONWriter) {
        json.object {
            if let endpoint { $0.member("endpoint", endpoint) }
            $0.member("recorded", recorded)
            $0.member("exported", exported)
            $0.member("lost", lost)
            if let reason { $0.member("reason", reason) }
        }
    }
}
