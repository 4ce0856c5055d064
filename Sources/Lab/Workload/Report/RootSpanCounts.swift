import Encoding

/// What became of the spans that a command recorded of its own requests: the roots of their traces.
package struct RootSpanCounts: Sendable, Equatable {
    /// Where they were sent; `nil` if nobody said where to.
    package var endpoint: String?
    /// One for each request that was sent.
    package var recorded: Int
    /// Those that the endpoint took.
    package var exported: Int
    /// Why the first batch that failed did, if one did.
    package var reason: String?

    package init(endpoint: String?, recorded: Int, exported: Int, reason: String? = nil) {
        self.endpoint = endpoint
        self.recorded = recorded
        self.exported = exported
        self.reason = reason
    }

    /// Those that did not arrive: dropped from a full queue, refused, or never taken.
    package var lost: Int { max(recorded - exported, 0) }

    /// What there is to complain of; `nil` if nothing was lost.
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
