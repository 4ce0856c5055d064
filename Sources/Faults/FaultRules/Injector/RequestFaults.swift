import Synchronization
import TraceContext
import Tracing
import Vocabulary

/// The rules that hit one request. Travels in the request's ``ServiceContext``, so every place that can fail sees it.
/// Safe to use from any thread.
package final class RequestFaults: Sendable {
    /// What identifies the request.
    package struct Request: Sendable {
        /// See ``ServiceOperation/name``; the span's name if there is no such operation.
        package var operation: String
        package var traceID: TraceID?
        package var requestID: String
        /// The trace id that decides, if the request replays an earlier one.
        package var replayOf: TraceID?

        package init(operation: String, traceID: TraceID?, requestID: String, replayOf: TraceID? = nil) {
            self.operation = operation
            self.traceID = traceID
            self.requestID = requestID
            self.replayOf = replayOf
        }
    }

    package let request: Request
    /// In the order of the plan.
    package let hits: [FaultHit]
    package let injector: FaultInjector
    /// The span of the whole request, which receives the marks.
    let span: any Span
    private let injected = Mutex<[String]>([])
    private let isWithoutSpans = Atomic(false)

    init(request: Request, hits: [FaultHit], injector: FaultInjector, span: any Span) {
        self.request = request
        self.hits = hits
        self.injector = injector
        self.span = span
    }

    package func hit(_ kind: FaultKind) -> FaultHit? { hits.first { $0.kind == kind } }

    /// Records that `hit` takes effect now: marks the span and the log lines that follow, writes a ledger entry, and
    /// counts the injection. Further calls for the same hit do nothing.
    /// - Returns: whether this is the first call.
    @discardableResult
    package func inject(_ hit: FaultHit) -> Bool {
        let ids = injected.withLock { injected -> [String]? in
            guard !injected.contains(hit.rule.id) else { return nil }
            injected.append(hit.rule.id)
            return injected
        }
        guard let ids else { return false }
        if !injector.isHidden {
            span.attributes[Attribute.faultID] = .string(ids.joined(separator: ","))
            span.attributes[Attribute.faultKind] = .string(kinds(of: ids).joined(separator: ","))
        }
        injector.record(hit, of: request)
        return true
    }

    /// Marks a span that must not be exported. Never leaves the process.
    package static let lostSpanMark = "tailspan.span.lost"

    /// Withholds all spans of the request: its own, which has already started, and its future children.
    package func loseSpans() {
        isWithoutSpans.store(true, ordering: .relaxed)
        injector.activity.loseSpans()
        span.attributes[Self.lostSpanMark] = true
    }

    package var losesSpans: Bool { isWithoutSpans.load(ordering: .relaxed) }

    /// The hits that have taken effect so far, in that order. Available even if faults are hidden.
    package var effective: [FaultHit] {
        let ids = injected.withLock { $0 }
        return ids.compactMap { id in hits.first { $0.rule.id == id } }
    }

    /// The marks that log lines carry for faults that have taken effect so far; `nil` if there are none or faults are
    /// hidden.
    package var marks: (ids: String, kinds: String)? {
        guard !injector.isHidden else { return nil }
        let ids = injected.withLock { $0 }
        return ids.isEmpty ? nil : (ids.joined(separator: ","), kinds(of: ids).joined(separator: ","))
    }

    private func kinds(of ids: [String]) -> [String] {
        var kinds: [String] = []
        for hit in hits where ids.contains(hit.rule.id) && !kinds.contains(hit.kind.rawValue) {
            kinds.append(hit.kind.rawValue)
        }
        return kinds
    }
}

extension ServiceContext {
    private enum RequestFaultsKey: ServiceContextKey { typealias Value = RequestFaults }

    /// The rules that hit the request; `nil` if none does.
    package var faults: RequestFaults? {
        get { self[RequestFaultsKey.self] }
        set { self[RequestFaultsKey.self] = newValue }
    }
}
