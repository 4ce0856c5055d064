import EventLoop
import FaultRules
import Glibc
import HTTP
import Vocabulary

/// A rule that hits a request, as an effect sees it: the sampled values, and the means to take effect.
package struct FaultOccurrence: Sendable {
    package let hit: FaultHit
    package let request: RequestFaults
    /// The service's loop; `nil` in tests that have none.
    package let eventLoop: EventLoop?

    package init(_ hit: FaultHit, of request: RequestFaults, on eventLoop: EventLoop? = nil) {
        self.hit = hit
        self.request = request
        self.eventLoop = eventLoop
    }

    package var argument: FaultArgument { hit.rule.argument }
    /// The delay, sampled if the rule has a distribution; zero for a kind that has no delay.
    package var delay: Duration { hit.delay }
    package var count: Int { hit.count }
    package var bytes: Int { hit.bytes }

    /// Records that the fault takes effect now: marks the span and the log lines that follow, writes a ledger entry,
    /// and counts the injection. Further calls for the same hit do nothing.
    /// - Returns: whether this is the first call.
    @discardableResult
    package func inject() -> Bool { request.inject(hit) }

    /// Waits for ``delay`` without blocking the thread.
    package func wait() async throws { try await eventLoop?.sleep(for: delay) }

    /// Blocks the calling thread, and everything it serves.
    package func block(for duration: Duration) {
        let (seconds, attoseconds) = duration.components
        var left = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
        var rest = timespec()
        while nanosleep(&left, &rest) != 0, errno == EINTR { left = rest }
    }

    /// Returns the object that the kind keeps for the service between requests.
    package func kept<Value: AnyObject & Sendable>(_ make: () -> Value) -> Value {
        request.injector.memory.value(make)
    }

    /// Whether the service still has rules. A fault in progress ends early when it has none.
    package var isWanted: Bool { request.injector.isActive }

    /// Creates an error that is answered with its own status. It is marked as injected unless faults are hidden from
    /// students.
    package func failure(_ status: HTTPStatus, _ message: String, headers: HTTPFields = [:]) -> HTTPError {
        HTTPError(
            status, type: request.injector.isHidden ? nil : "injected-fault", message: message, headers: headers)
    }

    /// Passes on the deciding trace id with a call whose trace context is cut. The next service starts a trace with a
    /// random id, so its faults would otherwise be random too.
    package func keepDeciding(in call: inout HTTPClient.Request) {
        guard let traceID = request.request.replayOf ?? request.request.traceID else { return }
        let entry = "\(FaultInjector.BaggageName.cutFrom)=\(traceID)"
        call.headers[Header.baggage] = call.headers[Header.baggage].map { "\($0),\(entry)" } ?? entry
    }
}
