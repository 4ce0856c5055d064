import Contracts

/// The evidence with what the rules look up: built once, read by all of them.
package struct IndexedEvidence: Sendable {
    package let evidence: Evidence
    private let requestsByTraceID: [String: SentRequest]
    private let requestsByID: [String: SentRequest]
    private let spansByID: [String: [String: SpanRecord]]
    private let linesByTraceID: [String: [Int]]
    /// One a line, in the order of the lines.
    package let standings: [LineStanding]

    package init(_ evidence: Evidence) {
        self.evidence = evidence
        let byTrace = Dictionary(evidence.requests.map { ($0.traceID, $0) }) { first, _ in first }
        let byID = Dictionary(evidence.requests.map { ($0.request.requestID, $0) }) { first, _ in first }
        let spans = evidence.traces.mapValues { trace in
            Dictionary(trace.spans.map { ($0.spanID.lowercased(), $0) }) { first, _ in first }
        }
        requestsByTraceID = byTrace
        requestsByID = byID
        spansByID = spans
        standings = evidence.lines.map { LineStanding($0, byTrace, byID, spans) }
        var lines: [String: [Int]] = [:]
        for (index, line) in evidence.lines.enumerated() {
            if let traceID = line.traceID, byTrace[traceID] != nil { lines[traceID, default: []].append(index) }
        }
        linesByTraceID = lines
    }

    /// The requests whose trace was found, with it.
    package var found: [(request: SentRequest, trace: TraceData)] {
        evidence.requests.compactMap { request in evidence.traces[request.traceID].map { (request, $0) } }
    }

    /// Ids are looked up without regard to case: that they are in lower case is a rule of its own.
    package func span(_ id: String, in traceID: String) -> SpanRecord? { spansByID[traceID]?[id.lowercased()] }

    package func request(id: String) -> SentRequest? { requestsByID[id] }

    /// The lines that carry a trace id of a request.
    package func lines(of traceID: String) -> [LogRecord] {
        (linesByTraceID[traceID] ?? []).map { evidence.lines[$0] }
    }

    /// The lines that belong to a span beyond doubt, with it.
    package var linkedLines: [(line: LogRecord, span: SpanRecord)] {
        zip(evidence.lines, standings).compactMap { line, standing in
            if case .linked(let span) = standing { (line, span) } else { nil }
        }
    }

    package var spanCount: Int { evidence.traces.values.reduce(0) { $0 + $1.spans.count } }

    /// Lines of requests: those that should lead to a span.
    package var requestScopedLineCount: Int { standings.count { $0.isRequestScoped } }

    package var linkedLineCount: Int {
        standings.count { if case .linked = $0 { true } else { false } }
    }
}

/// How a line stands to the traces: every rule about lines asks this first, so that one fault is not told twice.
package enum LineStanding: Sendable, Equatable {
    /// A line of the service itself, such as its start.
    case notRequestScoped
    /// Of a request that verification did not send.
    case foreign
    /// Of a trace that was not sampled on purpose.
    case unsampled
    /// Of a request, but without a trace id or a span id.
    case withoutIDs
    /// An id is not what an id must be.
    case malformedIDs
    /// Its request was sent under another trace id.
    case misattributed
    case traceMissing
    case unknownSpan
    /// The span is another service's.
    case otherService(SpanRecord)
    case linked(SpanRecord)

    init(
        _ line: LogRecord, _ requestsByTraceID: [String: SentRequest], _ requestsByID: [String: SentRequest],
        _ spans: [String: [String: SpanRecord]]
    ) {
        let sent = line.requestID.flatMap { requestsByID[$0] }
        guard let traceID = line.traceID, let spanID = line.spanID else {
            let isRequestScoped =
                line.requestID != nil || line.traceID != nil || line.field(LogField.taskID) != nil
            self = isRequestScoped ? .withoutIDs : .notRequestScoped
            return
        }
        if !Identifiers.isTraceID(traceID) || !Identifiers.isSpanID(spanID) {
            self = .malformedIDs
        } else if let sent, sent.traceID != traceID {
            self = .misattributed
        } else if requestsByTraceID[traceID] == nil {
            self = line.sampled == false ? .unsampled : .foreign
        } else if let known = spans[traceID] {
            guard let span = known[spanID] else {
                self = .unknownSpan
                return
            }
            self = span.service == line.service ? .linked(span) : .otherService(span)
        } else {
            self = .traceMissing
        }
    }

    package var isRequestScoped: Bool {
        switch self {
        case .notRequestScoped, .foreign, .unsampled: false
        default: true
        }
    }
}

/// The shape of ids (W3C Trace Context, "trace-id" and "parent-id").
enum Identifiers {
    static func isTraceID(_ text: String) -> Bool { isHex(text, 32) }
    static func isSpanID(_ text: String) -> Bool { isHex(text, 16) }

    private static func isHex(_ text: String, _ length: Int) -> Bool {
        var hasOther = false
        for byte in text.utf8 {
            guard (48...57).contains(byte) || (97...102).contains(byte) else { return false }
            hasOther = hasOther || byte != 48
        }
        return hasOther && text.utf8.count == length
    }
}
