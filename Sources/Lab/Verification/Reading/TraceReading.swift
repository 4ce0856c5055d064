/// The result of reading a trace.
package struct TraceReading: Sendable, Equatable {
    /// 32 hex digits.
    package var traceID: String
    /// `nil` until a span has arrived.
    package var trace: TraceData?
    /// Sorted by time.
    package var lines: [LogRecord]
    /// Why there are no lines, if they were unavailable.
    package var withoutLines: BackendError?
    /// What is missing, if there are spans.
    package var gaps: TraceGaps

    package init(
        traceID: String, trace: TraceData? = nil, lines: [LogRecord] = [], withoutLines: BackendError? = nil
    ) {
        self.traceID = traceID
        self.trace = trace
        self.lines = lines
        self.withoutLines = withoutLines
        gaps = trace.map { TraceGaps($0, lines: withoutLines == nil ? lines : nil) } ?? TraceGaps()
    }

    /// Whether there are spans and nothing is known to be missing.
    package var isComplete: Bool { trace != nil && gaps.isComplete }

    /// Whether its lines say that no spans were recorded.
    package var isUnsampled: Bool { trace == nil && !lines.isEmpty && lines.allSatisfy { $0.sampled == false } }

    /// Changes whenever something has arrived.
    var size: [Int] { [trace?.spans.count ?? 0, lines.count] }

    /// The latest timestamp in it; nanoseconds since the Unix epoch.
    var newestNS: UInt64? {
        let spans = (trace?.spans ?? []).map { max($0.startNS, $0.endNS) }.max()
        let lines = lines.map(\.timestampNS).max()
        return [spans, lines].compactMap { $0 }.max()
    }

    /// What is missing, for people; empty if it is complete.
    package var missing: String {
        if isUnsampled { return "it was not sampled, so no spans were sent" }
        return trace == nil ? "no span has come" : gaps.description
    }
}
