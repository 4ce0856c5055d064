import RegularExpressions
import Synchronization

/// The limits of one request: time, work, and memory for intermediate results. Every stage of a request charges it, so
/// that no request, whatever its structure, uses more at the expense of others.
///
/// A stage that can throw calls ``charge(_:)`` and ``hold(_:)``. One that cannot calls ``spend(_:)`` and ``keep(_:)``
/// and stops when they return `false`; its caller then gets the reason from ``check()``.
///
/// Unchecked: used by one thread at a time, that of the request's reader; only ``cancel()`` may be called from any
/// thread.
package final class QueryBudget: RegexMeter, @unchecked Sendable {
    /// The limits of a request.
    package struct Limits: Sendable, Equatable {
        /// How long it may wait and run.
        package var time: Duration
        /// The number of steps of work: a row read, a value parsed, a state of an expression built, a number computed.
        package var steps: Int
        /// The number of bytes it may hold at one time, as estimated by the stages that allocate them.
        package var bytes: Int

        package init(time: Duration = .seconds(10), steps: Int = 2_000_000_000, bytes: Int = 80 << 20) {
            self.time = time
            self.steps = steps
            self.bytes = bytes
        }
    }

    /// The longest line or label value that a query may construct, in bytes: well above the longest line that is
    /// accepted, and small enough to soon stop a value that doubles with every stage.
    package static let maximumText = 1 << 20
    /// The number of steps between two checks of the clock.
    private static let stepsPerLook = 4096

    package let limits: Limits
    private let end: ContinuousClock.Instant
    private let isCancelled = Atomic(false)
    /// The steps charged so far.
    private(set) var steps = 0
    /// The bytes currently held.
    package private(set) var bytes = 0
    /// The most bytes held at one time.
    package private(set) var mostBytes = 0
    private var nextLook = QueryBudget.stepsPerLook
    /// Why the request must end; `nil` while it need not.
    private var failure: (any Error)?

    package init(_ limits: Limits = Limits()) {
        self.limits = limits
        end = .now + limits.time
    }

    /// Ends the request at its next check: nobody waits for the answer.
    package func cancel() { isCancelled.store(true, ordering: .relaxed) }

    /// Whether the request must end.
    var isSpent: Bool { failure != nil }

    // MARK: Work

    /// Charges work; `false` once the request must end.
    @inline(__always)
    package func spend(_ count: Int = 1) -> Bool {
        steps &+= count
        return steps < nextLook ? failure == nil : look()
    }

    /// Whether the budget has room for work that cannot be interrupted. `false` once the request must end, also because
    /// of this work.
    package func affords(_ count: Int) -> Bool {
        guard failure == nil else { return false }
        if count > limits.steps - steps { failure = QueryBudgetError.tooMuchWork }
        return failure == nil
    }

    /// Charges work.
    /// - Throws: as ``check()``.
    @inline(__always)
    package func charge(_ count: Int = 1) throws {
        if !spend(count), let failure { throw failure }
    }

    /// Checks the clock and whether the request was cancelled.
    /// - Throws: ``QueryBudgetError``.
    package func check() throws {
        if !look(), let failure { throw failure }
    }

    /// `true` unless the request must end: for loops over rows that a stage may have ended.
    /// - Throws: why it must end.
    package func goesOn() throws -> Bool {
        if let failure { throw failure }
        return true
    }

    private func look() -> Bool {
        guard failure == nil else { return false }
        nextLook = steps &+ Self.stepsPerLook
        if isCancelled.load(ordering: .relaxed) {
            failure = QueryBudgetError.abandoned
        } else if steps > limits.steps || steps < 0 {
            failure = QueryBudgetError.tooMuchWork
        } else if ContinuousClock.now >= end {
            failure = QueryBudgetError.timedOut(limits.time)
        }
        return failure == nil
    }

    // MARK: Memory

    /// Charges memory before it is allocated; `false` once the request must end: then it must not be allocated.
    package func keep(_ count: Int) -> Bool {
        guard failure == nil else { return false }
        let (sum, overflow) = bytes.addingReportingOverflow(count)
        guard !overflow, sum <= limits.bytes else {
            failure = QueryBudgetError.tooLarge(limits.bytes)
            return false
        }
        bytes = sum
        mostBytes = max(mostBytes, sum)
        return true
    }

    /// Charges memory before it is allocated.
    /// - Throws: ``QueryBudgetError/tooLarge(_:)``.
    package func hold(_ count: Int) throws {
        if !keep(count), let failure { throw failure }
    }

    /// Charges a text that a query constructs; `false` if it is too long, or once the request must end.
    package func keep(text count: Int) -> Bool {
        guard failure == nil else { return false }
        guard count <= Self.maximumText else {
            failure = QueryBudgetError.textTooLong(Self.maximumText)
            return false
        }
        return keep(count)
    }

    /// Releases all memory except the `count` bytes that were held at an earlier time (``bytes``).
    package func release(to count: Int) { bytes = min(bytes, count) }
}

/// Why a well-formed request is not carried out.
package enum QueryBudgetError: Error, Equatable, CustomStringConvertible {
    case tooMuchWork
    /// Its results would take more than this many bytes.
    case tooLarge(Int)
    /// A single line or value would take more than this many bytes.
    case textTooLong(Int)
    /// Nobody waits for the answer.
    case abandoned
    /// It took longer than allowed.
    case timedOut(Duration)

    /// Whether it ran out of time, so that a later attempt may succeed.
    package var isTimeout: Bool { if case .timedOut = self { true } else { false } }

    package var description: String {
        switch self {
        case .tooMuchWork:
            "the query would take too much work; consider more specific selectors, a shorter time range or fewer stages"
        case .tooLarge(let limit):
            "the query would hold more than \(limit >> 20) MiB; consider more specific selectors, a shorter time range, "
                + "a lower limit or fewer stages"
        case .textTooLong(let limit):
            "the query would make a line or a label value of more than \(limit >> 20) MiB; consider fewer stages"
        case .abandoned: "the client has gone"
        case .timedOut(let timeout): "the query took longer than \(timeout)"
        }
    }
}
