/// What is missing from a trace, inferred from what is present.
package struct TraceGaps: Sendable, Equatable {
    /// A span that is referenced but missing.
    package struct Span: Sendable, Equatable, Hashable {
        package var spanID: String
        /// The service that it belongs to, according to a line written in it; `nil` if there is none.
        package var service: String?
        /// A span that names it as its parent, such as `tasks POST /v1/tasks`; `nil` if there is none.
        package var parentOf: String?

        package init(_ spanID: String, of service: String? = nil, parentOf: String? = nil) {
            self.spanID = spanID
            self.service = service
            self.parentOf = parentOf
        }
    }

    /// Missing spans that others name as their parent, or that lines were written in. In the order of the references.
    package private(set) var spans: [Span] = []
    /// Spans of the requests' sender, which is outside of the received telemetry. They may never be sent: `curl` sends
    /// none. In the order of their children.
    package private(set) var callers: [String] = []
    /// Answered calls and sent messages without a span from the other side. It may send none.
    package private(set) var openCalls = 0
    /// SERVER spans without a line. Their service may write none.
    package private(set) var silentSpans = 0

    /// Whether nothing is known to be missing. Callers' spans do not count.
    package var isComplete: Bool { spans.isEmpty }

    /// Whether more is likely to arrive while the trace is fresh.
    package var isLikelyToGrow: Bool { !spans.isEmpty || openCalls > 0 || silentSpans > 0 }

    /// Nothing is missing.
    package init() {}

    /// - Parameters:
    ///   - trace: the spans received so far.
    ///   - lines: the trace's log lines; `nil` if they were unavailable, so that nothing can be inferred from them.
    package init(_ trace: TraceData, lines: [LogRecord]?) {
        let known = Set(trace.spans.map(\.spanID))
        let parents = Set(trace.spans.compactMap(\.parentSpanID))
        let written = Self.spans(of: lines ?? [])
        var seen: Set<String> = []

        let orphans = trace.spans.filter { $0.parentSpanID.map { !known.contains($0) } ?? false }
        // Requests enter at the service of the earliest orphan, unless the root is present.
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

    /// The spans that lines were written in. Only lines of sampled traces count: spans of others never arrive.
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

    /// For example `span 00f067aa0ba902b7 of tasks, and 2 more`; empty if nothing is missing.
    package var description: String {
        let shown = spans.prefix(3).map { span in
            if let service = span.service, !service.isEmpty { return "span \(span.spanID) of \(service)" }
            return "span \(span.spanID)" + (span.parentOf.map { ", the parent of \($0)" } ?? "")
        }
        return shown.joined(separator: "; ") + (spans.count > 3 ? "; and \(spans.count - 3) more" : "")
    }
}

extension SpanRecord {
    /// Whether another side may send a span below this one: a server that answered, a consumer.
    fileprivate var expectsAnotherSide: Bool {
        switch kind {
        case .producer: true
        case .client:
            httpStatus != nil && !attributes.contains { $0.name.hasPrefix("db.") }
        default: false
        }
    }
}
