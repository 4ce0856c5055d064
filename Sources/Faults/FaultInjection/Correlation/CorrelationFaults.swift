import Encoding
import Logging
import Synchronization
import Tracing

/// Stands between a service and what it logs and traces with, and spoils what it is told to: lines, spans, the clock, the
/// log file. Safe to use from any thread.
///
/// Log output and tracer are made before the injector, which logs itself; so this object is made first, and bound to the
/// injector when that is there. While no fault is set, a line costs one relaxed load more.
///
/// What happens to whom is seen when a line is written, or a span ends: a clock that a rule sets changes with the first
/// of them, and for spans within a tenth of a second.
package final class CorrelationFaults: Sendable {
    private struct Binding {
        weak var injector: FaultInjector?
    }

    /// To be given to the injector.
    package let activity = FaultActivity()
    private let binding = Mutex(Binding())
    private let clockOffset = Atomic<Int64>(0)
    private let diskFull = Atomic(false)

    package init() {}

    /// From now on `injector` decides.
    package func bind(to injector: FaultInjector) {
        binding.withLock { $0.injector = injector }
        refresh()
    }

    /// Sees what rules the whole service is under now. May write a line itself, so it must not be called under a lock that
    /// writing takes.
    package func refresh() {
        guard activity.hasServiceRules, let injector = binding.withLock({ $0.injector }) else { return }
        var offset: Int64 = 0
        if case .duration(let duration)? = injector.activate(.clockSkew)?.argument {
            offset = duration.wholeNanoseconds
        }
        clockOffset.store(offset, ordering: .relaxed)
        diskFull.store(injector.activate(.diskFull) != nil, ordering: .relaxed)
    }

    /// Whether writes to the log file fail, as of the last ``refresh()``.
    package var isDiskFull: Bool { activity.hasServiceRules && diskFull.load(ordering: .relaxed) }

    /// `clock`, ahead or behind as ``refresh()`` found it last.
    package func skewed(_ clock: WallClock) -> WallClock {
        WallClock { [self] in
            guard activity.hasServiceRules else { return clock.now() }
            return clock.now() &+ UInt64(bitPattern: clockOffset.load(ordering: .relaxed))
        }
    }

    /// What happens to the line that the current request is about to write. Not to be called under a lock that writing
    /// takes.
    package func nextLine() -> LineFaults? {
        guard activity.hasBeenActive else { return nil }
        refresh()
        return ServiceContext.current?.faults.flatMap { LineFaults($0) }
    }
}

/// Adds `tailspan.fault.id` and `tailspan.fault.kind` to the lines that go to a handler which does not do so itself.
package struct FaultMarkingLogHandler<Base: LogHandler>: LogHandler {
    private var base: Base
    private let activity: FaultActivity

    package init(_ base: Base, activity: FaultActivity) {
        self.base = base
        self.activity = activity
    }

    package var logLevel: Logger.Level {
        get { base.logLevel }
        set { base.logLevel = newValue }
    }

    package var metadata: Logger.Metadata {
        get { base.metadata }
        set { base.metadata = newValue }
    }

    package func log(event: LogEvent) {
        guard activity.hasBeenActive, let fields = ServiceContext.current?.faults?.fields, !fields.isEmpty else {
            return base.log(event: event)
        }
        var event = event
        event.metadata.merge(fields)
        base.log(event: event)
    }
}
