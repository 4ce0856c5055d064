import EventLoop
import FaultRules
import Glibc
import HTTP
import Vocabulary

/// A rule that hits a request, as an effect sees it: what was drawn, and how to take effect.
package struct FaultOccurrence: Sendable {
    package let hit: FaultHit
    package let request: RequestFaults
    /// The service's loop; `nil` in tests without one.
    package let eventLoop: EventLoop?

    package init(_ hit: FaultHit, of request: RequestFaults, on eventLoop: EventLoop? = nil) {
        self.hit = hit
        self.request = request
        self.eventLoop = eventLoop
    }

    package var argument: FaultArgument { hit.rule.argument }
    /// The delay, drawn if the rule has a distribution; zero for a kind without.
    package var delay: Duration { hit.delay }
    package var count: Int { hit.count }
    package var bytes: Int { hit.bytes }

    /// Says that the fault takes effect now: marks the span and the lines to come, writes the ledger, counts. A second time
    /// for the same hit does nothing.
    /// - Returns: whether it is the first time.
    @discardableResult
    package func inject() -> Bool { request.inject(hit) }

    /// Waits for ``delay`` without holding up anything else.
    package func wait() async throws { try await eventLoop?.sleep(for: delay) }

    /// Holds up the calling thread, and all that it serves.
    package func block(for duration: Duration) {
        let (seconds, attoseconds) = duration.components
        var left = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
        var rest = timespec()
        while nanosleep(&left, &rest) != 0, errno == EINTR { left = rest }
    }

    /// What the kind keeps for the service between requests.
    package func kept<Value: AnyObject & Sendable>(_ make: () -> Value) -> Value {
        request.injector.memory.value(make)
    }

    /// Whether the service still has rules: what was begun ends early without.
    package var isWanted: Bool { request.injector.isActive }

    /// An error that is answered as it says. It tells that it was injected, unless students are to find out by themselves.
    package func failure(_ status: HTTPStatus, _ message: String, headers: HTTPFields = [:]) -> HTTPError {
        HTTPError(
            status, type: request.injector.isHidden ? nil : "injected-fault", message: message, headers: headers)
    }

    /// Passes on what decides behind a call whose trace context is cut off: the next service begins a trace of its own, whose
    /// id is drawn by dice, and so would its faults be.
    package func keepDeciding(in call: inout HTTPClient.Request) {
        guard let traceID = request.request.replayOf ?? request.request.traceID else { return }
        let entry = "\(FaultInjector.BaggageName.cutFrom)=\(traceID)"
        call.headers[Header.baggage] = call.headers[Header.baggage].map { "\($0),\(entry)" } ?? entry
    }
}
