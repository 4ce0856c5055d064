import Contracts
import Encoding
import OTel
import Synchronization
import Tracing

/// What one request is hit by. Travels in its ``ServiceContext``, so that every place that can go wrong sees it.
/// Safe to use from any thread.
package final class RequestFaults: Sendable {
    /// What is known of the request.
    package struct Request: Sendable {
        /// As ``ServiceOperation/name``, or the span's name where there is no such operation.
        package var operation: String
        package var traceID: TraceID?
        package var requestID: String
        /// The trace that decides, where the request repeats an earlier one.
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
    /// The span of the whole request, which is marked.
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

    /// Says that `hit` takes effect now: marks the span and the lines to come, writes the ledger, counts. A second time
    /// for the same hit does nothing.
    /// - Returns: whether it is the first time.
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

    /// On a span that is not to be sent. Never seen by anybody else.
    package static let lostSpanMark = "tailspan.span.lost"

    /// Has no span of the request be sent: its own has been started already, those below it come.
    package func loseSpans() {
        isWithoutSpans.store(true, ordering: .relaxed)
        injector.activity.loseSpans()
        span.attributes[Self.lostSpanMark] = true
    }

    package var losesSpans: Bool { isWithoutSpans.load(ordering: .relaxed) }

    /// The hits that have taken effect so far, in the order in which they did. Known whether or not faults are hidden.
    package var effective: [FaultHit] {
        let ids = injected.withLock { $0 }
        return ids.compactMap { id in hits.first { $0.rule.id == id } }
    }

    /// What a line says of the faults that have taken effect so far; `nil` if there are none, or they are hidden.
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

    /// What the request is hit by; `nil` if by nothing.
    package var faults: RequestFaults? {
        get { self[RequestFaultsKey.self] }
        set { self[RequestFaultsKey.self] = newValue }
    }
}
