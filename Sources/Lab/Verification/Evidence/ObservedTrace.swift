import Vocabulary
import Workload

/// One trace with its lines, as found in the stores: nobody planned its requests.
package struct ObservedTrace: Sendable {
    /// The trace's id, 32 hex digits.
    package var traceID: String
    /// `nil` if no span was found.
    package var trace: TraceData?
    /// The lines that name the trace, or one of its requests.
    package var lines: [LogRecord]

    package init(traceID: String, trace: TraceData?, lines: [LogRecord]) {
        self.traceID = traceID
        self.trace = trace
        self.lines = lines
    }

    /// What the rules judge it by: one request with the trace's id. The span that it was sent from is the caller's, if
    /// the trace has it, or else the one that its first span names as its parent.
    package var evidence: Evidence {
        var spans = trace?.spans ?? []
        let caller = spans.first { $0.parentSpanID == nil && Self.callers.contains($0.service) }
        spans.removeAll { $0.spanID == caller?.spanID }
        let known = Set(spans.map { $0.spanID.lowercased() })
        let entries = spans.filter {
            $0.kind == .server && $0.parentSpanID.map { !known.contains($0.lowercased()) } ?? true
        }
        let sender = caller?.spanID ?? entries.min { $0.startNS < $1.startNS }?.parentSpanID ?? ""
        let request = VerificationRequest(
            planned: PlannedRequest(
                index: 0, kind: .sync, traceID: traceID, spanID: sender.lowercased(), idempotencyKey: "", body: []),
            computation: .sha256, requestID: Self.requestIDs(of: lines, in: traceID).first ?? traceID)
        return Evidence(
            // No plan says how it should have ended.
            requests: [SentRequest(request: request, outcome: .other("only its lines are there"))],
            traces: spans.isEmpty ? [:] : [traceID: TraceData(traceID: traceID, spans: spans)], lines: lines)
    }

    /// The ids of the trace's requests, as its lines have them, the first one first.
    package static func requestIDs(of lines: [LogRecord], in traceID: String) -> [String] {
        var seen: Set<String> = []
        return lines.filter { $0.traceID?.lowercased() == traceID }.compactMap(\.requestID)
            .filter { seen.insert($0).inserted }
    }

    private static let callers = Set(CallingCommand.allCases.map(\.rawValue))
}

extension LinkRules {
    /// The rules that one trace and its lines can be judged by, though nobody planned its requests.
    ///
    /// The others need more: 2 (every expected edge) the kind of request that was planned, 12 (span counts agree) the
    /// services' counters before and after, 13 to 15 and 20 to 27 Grafana's provisioning.
    package static let ofOneTrace: [any LinkRule] = all.filter {
        ![2, 12].contains($0.number) && !ofProvisioning.contains($0.number)
    }
}
