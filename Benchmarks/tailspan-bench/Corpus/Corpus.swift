import Arguments
import Encoding
import OTelSDK
import TraceContext
import Tracing
import Vocabulary

/// Traces as `POST /v1/tasks` produces them: sixteen spans and nine log lines each, in four services. The number of a
/// trace determines its ids and times, so that lines and spans generated separately match.
struct Corpus: Sendable {
    /// The time of the first trace, in nanoseconds since the Unix epoch.
    var start: UInt64
    /// The time between the starts of two traces, in nanoseconds.
    var step: UInt64

    static let lineCount = CorpusLine.all.count

    func traceID(_ trace: Int) -> TraceID {
        TraceID(high: SplitMix64.mix(UInt64(2 * trace + 1)), low: SplitMix64.mix(UInt64(2 * trace + 2)))
    }

    func requestID(_ trace: Int) -> String { Hex.string(SplitMix64.mix(~UInt64(trace))) }

    func taskID(_ trace: Int) -> String { "t-" + Hex.string(SplitMix64.mix(~UInt64(trace) << 1)) }

    func time(_ trace: Int) -> UInt64 { start + UInt64(trace) * step }

    func context(_ trace: Int, span: Int) -> SpanContext {
        SpanContext(traceID: traceID(trace), spanID: spanID(trace, span), traceFlags: [.sampled, .random])
    }

    private func spanID(_ trace: Int, _ span: Int) -> SpanID {
        SpanID(value: SplitMix64.mix(UInt64(trace * CorpusSpan.all.count + span + 1) << 8))
    }

    /// The spans of one trace that belong to `service`.
    func spans(_ trace: Int, of service: ServiceRole) -> [SpanData] {
        CorpusSpan.all.enumerated().filter { $0.element.service == service }.map { number, span in
            let start = time(trace) + span.offset
            let parent = span.parent.map { spanID(trace, $0) }
            return SpanData(
                context: context(trace, span: number), parentSpanID: parent, parentIsRemote: span.kind == .server,
                name: span.name, kind: span.kind, startTime: start, endTime: start + span.duration,
                attributes: span.attributes(requestID: requestID(trace), taskID: taskID(trace)))
        }
    }
}

/// The part of the corpus that a command generates.
struct CorpusOptions: ArgumentContainer {
    @Option("start", value: "NS", help: "The time of trace 0, in nanoseconds since the Unix epoch.") var start: UInt64
    @Option("step", value: "NS", help: "The time between two traces, in nanoseconds.") var step: UInt64
    @Option("first", value: "N", .atLeast(0), help: "The number of the first trace.") var first = 0
    @Option("traces", value: "N", .atLeast(1), help: "How many traces.") var count: Int

    var corpus: Corpus { Corpus(start: start, step: step) }
    var traces: Range<Int> { first..<first + count }
}
