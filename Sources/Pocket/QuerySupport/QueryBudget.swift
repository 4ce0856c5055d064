import RegularExpressions
import Synchronization

/// What one request may use: time, work, and memory for what is made on its way. Every stage that works for a request
/// charges it, so that no request takes more, however it is put together; what it does to others ends there.
///
/// A stage that can throw calls ``charge(_:)`` and ``hold(_:)``. One that cannot calls ``spend(_:)`` and ``keep(_:)`` and
/// stops where they answer `false`; whoever called it learns why by ``check()``.
///
/// Unchecked: used by one thread at a time, that of the reader that works for the request; only ``cancel()`` may be
/// called from any thread.
package final class QueryBudget: RegexMeter, @unchecked Sendable {
    /// How much a request may use.
    package struct Limits: Sendable, Equatable {
        /// How long it may wait and run.
        package var time: Duration
        /// How many steps of work: a row looked at, a value read, a state of an expression built, a number computed.
        package var steps: Int
        /// How many bytes it may hold at one moment, as estimated by those who make them.
        package var bytes: Int

        package init(time: Duration = .seconds(10), steps: Int = 2_000_000_000, bytes: Int = 80 << 20) {
            self.time = time
            self.steps = steps
            self.bytes = bytes
        }
    }

    /// The longest line or label value that a query may make of others, in bytes: well above the longest line that is
    /// taken in, and little enough that a value that doubles with every stage ends soon.
    package static let maximumText = 1 << 20
    /// After so many steps the clock is looked at.
    private static let stepsPerLook = 4096

    package let limits: Limits
    private let end: ContinuousClock.Instant
    private let isCancelled = Atomic(false)
    /// The steps that have been charged.
    private(set) var steps = 0
    /// The bytes that are held.
    package private(set) var bytes = 0
    /// The most bytes that were held at one moment.
    package private(set) var mostBytes = 0
    private var nextLook = QueryBudget.stepsPerLook
    /// Why the request must end, once it must.
    private var failure: (any Error)?

    package init(_ limits: Limits = Limits()) {
        self.limits = limits
        end = .now + limits.time
    }

    /// Has the request end at its next look: nobody waits for the answer.
    package func cancel() { isCancelled.store(true, ordering: .relaxed) }

    /// Whether the request must end.
    var isSpent: Bool { failure != nil }

    // MARK: Work

    /// Charges work. `false` once the request must end.
    @inline(__always)
    package func spend(_ count: Int = 1) -> Bool {
        steps &+= count
        return steps < nextLook ? failure == nil : look()
    }

    /// Whether work that cannot be stopped once it has begun could still be paid for. `false` once the request must end,
    /// also because of this.
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

    /// Looks at the clock and whether anybody waits.
    /// - Throws: ``QueryBudgetError``.
    package func check() throws {
        if !look(), let failure { throw failure }
    }

    /// `true`, unless the request must end: for loops over rows that a stage may have ended.
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

    /// Charges memory that is about to be held. `false` once the request must end: then it is not to be made.
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

    /// Charges memory that is about to be held.
    /// - Throws: ``QueryBudgetError/tooLarge(_:)``.
    package func hold(_ count: Int) throws {
        if !keep(count), let failure { throw failure }
    }

    /// Charges a text that a query makes of others. `false` if it is too long, or once the request must end.
    package func keep(text count: Int) -> Bool {
        guard failure == nil else { return false }
        guard count <= Self.maximumText else {
            failure = QueryBudgetError.textTooLong(Self.maximumText)
            return false
        }
        return keep(count)
    }

    /// Gives back all memory but the `count` bytes that were held at an earlier moment (``bytes``).
    package func release(to count: Int) { bytes = min(bytes, count) }
}

/// Why a request that is well-formed is not carried out.
package enum QueryBudgetError: Error, Equatable, CustomStringConvertible {
    case tooMuchWork
    /// What it makes would take more than so many bytes.
    case tooLarge(Int)
    /// A single line or value would take more than so many bytes.
    case textTooLong(Int)
    /// Nobody waits for the answer.
    case abandoned
    /// It took longer than it may.
    case timedOut(Duration)

    /// Whether it ran out of time: it may succeed another time.
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
