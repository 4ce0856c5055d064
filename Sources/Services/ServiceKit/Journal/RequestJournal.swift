import Encoding
import FaultRules
import HTTP
import Synchronization
import TraceContext
import Tracing
import Vocabulary

/// Keeps the newest requests of the public API so that they can be sent again. Does not keep authorization or cookies.
/// Safe to use from any thread.
///
/// Every request writes to the journal, but it is rarely read. An entry therefore shares its strings and body with the
/// request, and is turned into a ``JournalRecord`` only when it is read.
package final class RequestJournal: Sendable {
    /// The maximum size of a body that is kept, in bytes.
    package static let largestBody = 16_384
    /// Requests whose path and query exceed this size in bytes are not recorded.
    package static let largestTarget = 4096

    /// The number of requests kept. The oldest is dropped first.
    package let capacity: Int
    private let injector: FaultInjector
    private let clock: WallClock
    private let ring = Mutex(Ring())

    package init(capacity: Int, injector: FaultInjector, clock: WallClock) {
        self.capacity = capacity
        self.injector = injector
        self.clock = clock
    }

    private struct Ring {
        var entries: [Entry] = []
        /// The index of the next entry to overwrite once the ring is full.
        var next = 0
        var total = 0
    }

    /// What is kept of one request.
    private struct Entry: Sendable {
        var span: SpanContext
        var requestID: String
        var method: HTTPMethod
        var path: String
        var query: String?
        var contentType: String?
        var baggage: Baggage?
        var body: [UInt8]?
        var bodySize: Int
        var redacted: [String]
        /// The rules that were set, the time basis of their schedule, and the seed.
        var plan: [FaultPlan.Entry]
        var instant: ContinuousClock.Instant
        var offset: Duration?
        var seed: UInt64
        // Known only when the request ends.
        var ended: UInt64 = 0
        var duration = Duration.zero
        var sent = ResponseCompletion.Outcome(written: false, status: .ok, bodySize: 0)
        var hits: [FaultHit] = []
    }

    /// Records `request` once it has been answered, if it belongs to the public API and has a trace.
    package func follow(_ request: Request, _ context: RequestContext, _ current: ServiceContext) {
        guard request.path.hasPrefix("/v1/"), let span = current.spanContext,
            request.path.utf8.count + (request.query?.utf8.count ?? 0) <= Self.largestTarget
        else { return }
        let started = ContinuousClock.now
        var entry = Entry(
            span: span, requestID: context.id, method: request.method, path: request.path, query: request.query,
            contentType: request.headers[Header.contentType], baggage: current.baggage,
            body: request.body.count <= Self.largestBody ? request.body : nil, bodySize: request.body.count,
            redacted: [], plan: [], instant: started, seed: injector.seed)
        if injector.isActive {
            entry.plan = injector.entries
            entry.instant = injector.instant
            entry.offset = injector.offset(current.baggage)
        }
        if let query = entry.query {
            let (text, redacted) = JournalRedaction.query(query)
            entry.query = text
            entry.redacted = redacted
        }
        if let baggage = entry.baggage {
            let (kept, redacted) = JournalRedaction.baggage(baggage)
            entry.baggage = kept
            entry.redacted += redacted
        }
        let faults = current.faults
        context.completion.onComplete { [self, entry] sent in
            var entry = entry
            entry.duration = ContinuousClock.now - started
            entry.ended = clock.now()
            entry.sent = sent
            entry.hits = faults?.effective ?? []
            append(entry)
        }
    }

    private func append(_ entry: Entry) {
        ring.withLock { ring in
            ring.total += 1
            guard ring.entries.count == capacity else { return ring.entries.append(entry) }
            ring.entries[ring.next] = entry
            ring.next = (ring.next + 1) % capacity
        }
    }

    // MARK: Reading

    /// The number of requests recorded since the start, including those that have been overwritten.
    package var total: Int { ring.withLock { $0.total } }

    /// Returns the newest requests, newest first.
    package func newest(_ count: Int) -> [JournalRecord] { entries.suffix(count).reversed().map { record($0) } }

    /// Returns the requests of a trace, oldest first.
    package func requests(of traceID: TraceID) -> [JournalRecord] {
        entries.filter { $0.span.traceID == traceID }.map { record($0) }
    }

    /// Oldest first.
    private var entries: [Entry] {
        let ring = ring.withLock { $0 }
        return Array(ring.entries[ring.next...] + ring.entries[..<ring.next])
    }

    private func record(_ entry: Entry) -> JournalRecord {
        let baggage = entry.baggage?.headerValue
        let rules = entry.plan.filter {
            $0.rule.isInForce(after: entry.offset ?? $0.since.duration(to: entry.instant))
        }
        return JournalRecord(
            traceID: entry.span.traceID.description, traceFlags: Hex.string([entry.span.traceFlags.rawValue]),
            requestID: entry.requestID, time: entry.ended - UInt64(max(0, entry.duration / .nanoseconds(1))),
            method: entry.method.rawValue, path: entry.path, query: entry.query, contentType: entry.contentType,
            baggage: baggage.flatMap { $0.isEmpty ? nil : $0 }, body: entry.body, bodySize: entry.bodySize,
            redacted: entry.redacted, status: entry.sent.status.code, isWritten: entry.sent.written,
            duration: entry.duration, seed: entry.seed, rules: rules.map(\.rule.description),
            injections: entry.hits.map {
                JournalRecord.Injection(rule: $0.rule.id, kind: $0.kind.rawValue, value: $0.value)
            })
    }
}
