import Encoding
import Terminal
import Verification
import Vocabulary

/// Renders a trace that was read, for a command's output.
package struct TraceOutput {
    package let reading: TraceReading

    package init(reading: TraceReading) {
        self.reading = reading
    }

    /// The waterfall and, below it, what is missing.
    package func lines(on terminal: Terminal) -> [StyledText] {
        let trace = reading.trace ?? TraceData(traceID: reading.traceID, spans: [])
        return Waterfall(trace, lines: reading.lines).render(on: terminal) + remarks
    }

    /// What is missing, and whether waiting may help.
    private var remarks: [StyledText] {
        if !reading.isComplete {
            var lines: [StyledText] = ["", StyledText("incomplete so far: \(reading.missing)", .color(.yellow))]
            if !reading.isUnsampled {
                lines.append(
                    StyledText("It may still come: tailspan trace \(reading.traceID) --wait 30s", .dim))
            }
            return lines
        }
        guard let caller = reading.gaps.callers.first else { return [] }
        let more = reading.gaps.callers.count - 1
        let text =
            more == 0
            ? "the caller's span \(caller) was not sent: what sent the request sends no spans"
            : "the callers' spans \(caller) and \(more) more were not sent: what sent the requests sends no spans"
        return ["", StyledText(text, .dim)]
    }

    package func write(to json: inout JSONWriter) {
        json.object {
            $0.member("trace_id", reading.traceID)
            $0.member("complete", reading.isComplete)
            $0.name("missing")
            $0.array { for span in reading.gaps.spans { Self.write(span, to: &$0) } }
            $0.name("caller_spans_not_sent")
            $0.array { for span in reading.gaps.callers { $0.value(span) } }
            $0.name("services")
            $0.array { for service in reading.trace?.services ?? [] { $0.value(service) } }
            $0.name("spans")
            $0.array { for span in reading.trace?.spans ?? [] { Self.write(span, to: &$0) } }
            $0.name("log_lines")
            $0.array { for line in reading.lines { line.write(to: &$0) } }
        }
    }

    private static func write(_ gap: TraceGaps.Span, to json: inout JSONWriter) {
        json.object {
            $0.member("span_id", gap.spanID)
            if let service = gap.service, !service.isEmpty { $0.member("service", service) }
            if let child = gap.parentOf { $0.member("parent_of", child) }
        }
    }

    private static func write(_ span: SpanRecord, to json: inout JSONWriter) {
        json.object {
            $0.member("span_id", span.spanID)
            if let parent = span.parentSpanID { $0.member("parent_span_id", parent) }
            $0.member("service", span.service)
            $0.member("name", span.name)
            $0.member("kind", span.kind.rawValue)
            $0.member("start_unix_nano", span.startNS)
            $0.member("end_unix_nano", span.endNS)
            $0.member("duration_ms", Double(span.durationNS) / 1e6)
            $0.member("error", span.statusError)
            if !span.statusMessage.isEmpty { $0.member("status_message", span.statusMessage) }
            $0.name("attributes")
            $0.object { for attribute in span.attributes { $0.member(attribute.name, attribute.value) } }
        }
    }
}

extension LogRecord {
    /// The line's own object, or the known fields of a line that is not an object.
    package func write(to json: inout JSONWriter) {
        if format == .json { return json.value(.object(fields)) }
        json.object {
            $0.member(LogField.timestamp, RFC3339.string(nanosecondsSinceEpoch: momentNS))
            if let level { $0.member(LogField.level, level) }
            if let service { $0.member(LogField.service, service) }
            $0.member(LogField.message, message)
            if let traceID { $0.member(LogField.traceID, traceID) }
            if let spanID { $0.member(LogField.spanID, spanID) }
        }
    }
}
