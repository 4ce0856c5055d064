import Vocabulary

/// The evidence with its indexes: built once, used by all rules.
package struct IndexedEvidence: Sendable {
    package let evidence: Evidence
    private let requestsByTraceID: [String: SentRequest]
    private let requestsByID: [String: SentRequest]
    private let spansByID: [String: [String: SpanRecord]]
    private let linesByTraceID: [String: [Int]]
    private let matches: [String: EdgeMatch]
    private let causes: [String: [GapCause]]
    /// One per line, in the order of the lines.
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
        var matches: [String: EdgeMatch] = [:]
        for request in evidence.requests where request.outcome == .asPlanned {
            matches[request.traceID] = evidence.traces[request.traceID].map { EdgeMatch(request.expected, in: $0) }
        }
        self.matches = matches
        standings = evidence.lines.map { line in
            let standing = LineStanding(line, byTrace, byID, spans)
            guard standing == .misattributed, let sent = line.requestID.flatMap({ byID[$0] }),
                matches[sent.traceID]?.services.contains(line.service ?? "") == true
                    || evidence.toleratesFailures && sent.outcome != .asPlanned
            else { return standing }
            return .strayed
        }
        var lines: [String: [Int]] = [:]
        for (index, line) in evidence.lines.enumerated() {
            guard let traceID = line.traceID?.lowercased(), byTrace[traceID] != nil else { continue }
            lines[traceID, default: []].append(index)
        }
        linesByTraceID = lines
        causes = matches.reduce(into: [:]) { [standings] result, entry in
            let own = (lines[entry.key] ?? []).map { (evidence.lines[$0].service, standings[$0]) }
            result[entry.key] = entry.value.gaps.map { GapCause($0.span.service.rawValue, own) }
        }
    }

    /// The requests whose traces were found, with the traces.
    package var found: [(request: SentRequest, trace: TraceData)] {
        evidence.requests.compactMap { request in evidence.traces[request.traceID].map { (request, $0) } }
    }

    /// Ids are looked up without regard to case: a separate rule checks that they are in lower case.
    package func span(_ id: String, in traceID: String) -> SpanRecord? { spansByID[traceID]?[id.lowercased()] }

    package func request(id: String) -> SentRequest? { requestsByID[id] }

    /// How the expected spans of a request match its trace; `nil` if the trace was not found, or the request took
    /// another path than planned.
    package func edges(of request: SentRequest) -> EdgeMatch? { matches[request.traceID] }

    /// The cause of each gap in ``edges(of:)``.
    package func causes(of request: SentRequest) -> [GapCause] { causes[request.traceID] ?? [] }

    /// Whether a line says that the trace was not sampled, though the request was sent as sampled.
    package func isUnsampled(_ traceID: String) -> Bool {
        (linesByTraceID[traceID] ?? []).contains { standings[$0] == .notSampled }
    }

    /// The services whose lines carry a request's id, but belong to a trace that began where the request's trace broke
    /// off.
    package var strayedServices: Set<String> {
        Set(zip(evidence.lines, standings).compactMap { $1 == .strayed ? $0.service : nil })
    }

    /// The lines with the trace id of a request, in any case.
    package func lines(of traceID: String) -> [LogRecord] {
        (linesByTraceID[traceID] ?? []).map { evidence.lines[$0] }
    }

    /// The services that wrote a line of a trace, according to the line or to its span.
    package func servicesWithLines(in traceID: String) -> Set<String> {
        var services: Set<String> = []
        for line in lines(of: traceID) {
            if let service = line.service { services.insert(service) }
            if let span = line.spanID.flatMap({ span($0, in: traceID) }) { services.insert(span.service) }
        }
        return services
    }

    /// The lines that certainly belong to a span, each with that span.
    package var linkedLines: [(line: LogRecord, span: SpanRecord)] {
        zip(evidence.lines, standings).compactMap { line, standing in
            if case .linked(let span) = standing { (line, span) } else { nil }
        }
    }

    package var spanCount: Int { evidence.traces.values.reduce(0) { $0 + $1.spans.count } }

    /// The number of lines that belong to requests and so should lead to a span.
    package var requestScopedLineCount: Int { standings.count { $0.isRequestScoped } }

    package var linkedLineCount: Int {
        standings.count { if case .linked = $0 { true } else { false } }
    }
}

/// How a line relates to the traces. Every rule about lines checks this first, so that one fault is reported only once.
package enum LineStanding: Sendable, Equatable {
    /// A line of the service itself, such as its start.
    case notRequestScoped
    /// Belongs to a request that verification did not send.
    case foreign
    /// Belongs to a trace that is deliberately not sampled.
    case unsampled
    /// Belongs to a request, but has no trace id or no span id.
    case withoutIDs
    /// An id is malformed.
    case malformedIDs
    /// Its request was sent under another trace id.
    case misattributed
    /// Like misattributed, but the request's trace breaks off before the service: the context was lost in between. Or
    /// faults made the request fail, and its task continued later in its own trace.
    case strayed
    /// Says that its trace is not sampled, though the request was sent as sampled.
    case notSampled
    case traceMissing
    case unknownSpan
    /// The span belongs to another service.
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
        } else if line.sampled == false {
            self = .notSampled
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

/// Why a span is missing, as far as the lines show; so that one cause is reported by one rule.
package enum GapCause: Sendable, Equatable {
    /// No line mentions it.
    case unknown
    /// Lines of the service carry the id of a span that is missing: it was created, and lost.
    case lost
    /// The service's lines say that the trace is not sampled.
    case unsampled

    init(_ service: String, _ lines: [(service: String?, standing: LineStanding)]) {
        let standings = lines.filter { $0.service == service }.map(\.standing)
        if standings.contains(.notSampled) {
            self = .unsampled
        } else {
            self = standings.contains(.unknownSpan) ? .lost : .unknown
        }
    }
}

/// The format of ids (W3C Trace Context, "trace-id" and "parent-id").
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
