import Vocabulary

/// The evidence with what the rules look up: built once, read by all of them.
package struct IndexedEvidence: Sendable {
    package let evidence: Evidence
    private let requestsByTraceID: [String: SentRequest]
    private let requestsByID: [String: SentRequest]
    private let spansByID: [String: [String: SpanRecord]]
    private let linesByTraceID: [String: [Int]]
    private let matches: [String: EdgeMatch]
    private let causes: [String: [GapCause]]
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

    /// The requests whose trace was found, with it.
    package var found: [(request: SentRequest, trace: TraceData)] {
        evidence.requests.compactMap { request in evidence.traces[request.traceID].map { (request, $0) } }
    }

    /// Ids are looked up without regard to case: that they are in lower case is a rule of its own.
    package func span(_ id: String, in traceID: String) -> SpanRecord? { spansByID[traceID]?[id.lowercased()] }

    package func request(id: String) -> SentRequest? { requestsByID[id] }

    /// How the spans that a request must leave lie over its trace; `nil` if the trace was not found, or the request went
    /// another way than planned.
    package func edges(of request: SentRequest) -> EdgeMatch? { matches[request.traceID] }

    /// Why each of the gaps in ``edges(of:)`` is there.
    package func causes(of request: SentRequest) -> [GapCause] { causes[request.traceID] ?? [] }

    /// Whether a line says that the trace was not sampled, though it was sent so.
    package func isUnsampled(_ traceID: String) -> Bool {
        (linesByTraceID[traceID] ?? []).contains { standings[$0] == .notSampled }
    }

    /// The services with lines that say whose request they are about, but are in a trace that began where the request's
    /// broke off.
    package var strayedServices: Set<String> {
        Set(zip(evidence.lines, standings).compactMap { $1 == .strayed ? $0.service : nil })
    }

    /// The lines that carry a trace id of a request, in whatever case.
    package func lines(of traceID: String) -> [LogRecord] {
        (linesByTraceID[traceID] ?? []).map { evidence.lines[$0] }
    }

    /// The services that wrote a line of a trace: by the line's word, or by its span's.
    package func servicesWithLines(in traceID: String) -> Set<String> {
        var services: Set<String> = []
        for line in lines(of: traceID) {
            if let service = line.service { services.insert(service) }
            if let span = line.spanID.flatMap({ span($0, in: traceID) }) { services.insert(span.service) }
        }
        return services
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
    /// As misattributed, but the request's trace breaks off before the service: the context was lost on the way. Or
    /// faults made the request fail, and its task went on later, in a trace of its own.
    case strayed
    /// Says that its trace is not sampled, but it was sent as one that is.
    case notSampled
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

/// Why a span is missing, as far as lines tell: so that one cause is told by one rule.
package enum GapCause: Sendable, Equatable {
    /// No line knows of it.
    case unknown
    /// The service's lines have the id of a span that is not there: it was made, and lost.
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
