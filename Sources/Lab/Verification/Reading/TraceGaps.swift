/// What is missing of a trace, as far as what is there can tell.
package struct TraceGaps: Sendable, Equatable {
    /// A span that is named somewhere and is not there.
    package struct Span: Sendable, Equatable, Hashable {
        package var spanID: String
        /// The service that it belongs to, by a line that was written in it; `nil` where none was.
        package var service: String?
        /// A span that names it as its parent, such as `tasks POST /v1/tasks`; `nil` where none does.
        package var parentOf: String?

        package init(_ spanID: String, of service: String? = nil, parentOf: String? = nil) {
            self.spanID = spanID
            self.service = service
            self.parentOf = parentOf
        }
    }

    /// Spans that others name as their parent, or that lines were written in. In the order of what names them.
    package private(set) var spans: [Span] = []
    /// Spans of whoever sent the requests, outside of what has been received: they may never be sent, as `curl` sends
    /// none. In the order of their children.
    package private(set) var callers: [String] = []
    /// Calls that were answered, and messages that were sent, of which the other side's span is not there. It may send
    /// none.
    package private(set) var openCalls = 0
    /// SERVER spans without a line. Their service may write none.
    package private(set) var silentSpans = 0

    /// Whether nothing is known to be missing. A caller's span does not count.
    package var isComplete: Bool { spans.isEmpty }

    /// Whether more is likely to come while the trace is fresh.
    package var isLikelyToGrow: Bool { !spans.isEmpty || openCalls > 0 || silentSpans > 0 }

    /// Nothing is missing.
    package init() {}

    /// - Parameters:
    ///   - trace: the spans that are there.
    ///   - lines: the trace's log lines; `nil` if they could not be had, so that they tell nothing.
    package init(_ trace: TraceData, lines: [LogRecord]?) {
        let known = Set(trace.spans.map(\.spanID))
        let parents = Set(trace.spans.compactMap(\.parentSpanID))
        let written = Self.spans(of: lines ?? [])
        var seen: Set<String> = []

        let orphans = trace.spans.filter { $0.parentSpanID.map { !known.contains($0) } ?? false }
        // Where requests come in from outside: the earliest of these spans and its like, unless the root is there.
        let hasRoot = trace.spans.contains { $0.parentSpanID == nil }
        let entry = hasRoot ? nil : orphans.min { $0.startNS < $1.startNS }?.service
        for orphan in orphans {
            guard let parent = orphan.parentSpanID, seen.insert(parent).inserted else { continue }
            let service = written.services[parent]
            let isIncoming = orphan.kind == .server || orphan.kind == .consumer
            if orphan.service == entry, isIncoming, service == nil {
                callers.append(parent)
            } else {
                spans.append(Span(parent, of: service, parentOf: "\(orphan.service) \(orphan.name)"))
            }
        }
        for span in written.order where !known.contains(span) && seen.insert(span).inserted {
            spans.append(Span(span, of: written.services[span]))
        }
        openCalls = trace.spans.count { $0.expectsAnotherSide && !parents.contains($0.spanID) }
        if let lines, !lines.isEmpty {
            silentSpans = trace.spans.count { $0.kind == .server && written.services[$0.spanID] == nil }
        }
    }

    /// The spans that lines were written in, of sampled traces alone: others' spans never come.
    private static func spans(of lines: [LogRecord]) -> (order: [String], services: [String: String]) {
        var order: [String] = []
        var services: [String: String] = [:]
        for line in lines where line.sampled != false {
            guard let span = line.spanID, span.utf8.count == 16, services[span] == nil else { continue }
            services[span] = line.service ?? ""
            order.append(span)
        }
        return (order, services)
    }

    /// Such as `span 00f067aa0ba902b7 of tasks, and 2 more`; empty if nothing is missing.
    package var description: String {
        let shown = spans.prefix(3).map { span in
            if let service = span.service, !service.isEmpty { return "span \(span.spanID) of \(service)" }
            return "span \(span.spanID)" + (span.parentOf.map { ", the parent of \($0)" } ?? "")
        }
        return shown.joined(separator: "; ") + (spans.count > 3 ? "; and \(spans.count - 3) more" : "")
    }
}

extension SpanRecord {
    /// Whether there is another side that may send a span below this one: a server that answered, a consumer.
    fileprivate var expectsAnotherSide: Bool {
        switch kind {
        case .producer: true
        case .client:
            httpStatus != nil && !attributes.contains { $0.name.hasPrefix("db.") }
        default: false
        }
    }
}
