import Encoding
import Workload

/// Reads one trace with its log lines and, while it is fresh, waits until it is complete.
///
/// Services export spans in batches at different times, and lines take another path: the first read may return a part
/// of the trace that looks like a broken trace. Safe to use from any thread.
package struct TraceReader: Sendable {
    /// How long to wait for missing telemetry.
    package enum Patience: Sendable, Equatable {
        /// Waits while more is likely: until nothing has arrived for this long, counted from an old trace's last span.
        /// Twice as long at most.
        case whileFresh(Duration)
        /// Waits this long after the first read, however old the trace is.
        case upTo(Duration)

        /// Longer than services hold their spans back (`OTEL_BSP_SCHEDULE_DELAY`, 5 s), plus the time to export them.
        package static let usual = Patience.whileFresh(.seconds(10))
        /// Reads once.
        package static let none = Patience.upTo(.zero)
    }

    /// After this time the caller's span has arrived, if the caller sends spans: it ends when the answer has come.
    private static let callersPatience = Duration.seconds(7)
    /// While a trace is fresh, it must also be unchanged for this long to count as complete.
    private static let rest = Duration.seconds(1)
    private static let interval = Duration.milliseconds(500)

    private let tempo: TempoClient
    private let loki: LokiClient
    private let clock: LoadClock
    private let wallClock: WallClock

    /// - Parameter wallClock: the clock of the timestamps of spans and lines.
    package init(tempo: TempoClient, loki: LokiClient, clock: LoadClock, wallClock: WallClock = .system) {
        self.tempo = tempo
        self.loki = loki
        self.clock = clock
        self.wallClock = wallClock
    }

    /// - Parameters:
    ///   - traceID: 32 hex digits.
    ///   - awaitsCaller: whether the span of the request's sender may still arrive.
    ///   - progress: called after each incomplete read.
    /// - Returns: the result of the last read, complete or not.
    /// - Throws: ``BackendError`` if spans cannot be queried at all.
    package func read(
        _ traceID: String, _ patience: Patience = .usual, awaitsCaller: Bool = true,
        progress: (TraceReading) -> Void = { _ in }
    ) async throws -> TraceReading {
        var wait = Wait(patience, awaitsCaller: awaitsCaller, start: clock.now())
        var last: TraceReading?
        while true {
            do {
                let reading = try await look(traceID)
                wait.note(reading, isLarger: reading.size != last?.size, now: clock.now(), wallClock.now())
                last = reading
                if wait.isOver(reading) { return reading }
                progress(reading)
            } catch let error as BackendError {
                // A store that has never answered is absent; one that fails now and then is asked again.
                guard let last else { throw error }
                if wait.isOver(at: clock.now()) { return last }
            }
            try await clock.sleepUntil(clock.now() + Self.interval)
        }
    }

    private func look(_ traceID: String) async throws -> TraceReading {
        let trace = try await tempo.trace(id: traceID)
        do {
            var lines: [LogRecord] = []
            for window in TraceWindows(trace, now: wallClock.now()).ranges {
                lines += try await loki.lines(traceID: traceID, in: window)
            }
            return TraceReading(traceID: traceID, trace: trace, lines: lines)
        } catch let error as BackendError {
            return TraceReading(traceID: traceID, trace: trace, withoutLines: error)
        }
    }

    /// Decides when to stop waiting.
    private struct Wait {
        private let patience: Patience
        private let awaitsCaller: Bool
        private let start: Duration
        private var now: Duration
        /// When something last arrived; `hasGrown` says whether that was after the first read.
        private var changed: Duration
        private var hasGrown = false
        private var isFirst = true
        /// The age of the newest span or line; `nil` while there is none.
        private var age: Duration?

        init(_ patience: Patience, awaitsCaller: Bool, start: Duration) {
            self.patience = patience
            self.awaitsCaller = awaitsCaller
            self.start = start
            now = start
            changed = start
        }

        mutating func note(_ reading: TraceReading, isLarger: Bool, now: Duration, _ wallTime: UInt64) {
            self.now = now
            if isLarger {
                hasGrown = !isFirst
                changed = now
            }
            isFirst = false
            age = reading.newestNS.map { newest in
                // A timestamp in the future, from a clock that is ahead or a bad value, counts as age zero.
                .nanoseconds(Int64(clamping: wallTime > newest ? wallTime - newest : 0))
            }
        }

        /// How long nothing has arrived. What the first read returned arrived when it was created, or soon after.
        private var quiet: Duration {
            let quiet = now - changed
            return hasGrown ? quiet : max(quiet, age ?? .zero)
        }

        func isOver(at now: Duration) -> Bool {
            switch patience {
            case .upTo(let limit): now - start >= limit
            case .whileFresh(let limit): now - start >= limit * 2
            }
        }

        func isOver(_ reading: TraceReading) -> Bool {
            if isOver(at: now) || reading.isUnsampled { return true }
            if case .whileFresh(let limit) = patience, quiet >= limit { return true }
            guard reading.isComplete, quiet >= TraceReader.rest else { return false }
            // The guess that more will arrive only holds for fresh traces, whatever the patience.
            let guessing = if case .whileFresh(let limit) = patience { limit } else { Duration.seconds(10) }
            if reading.gaps.isLikelyToGrow, quiet < guessing { return false }
            guard awaitsCaller, !reading.gaps.callers.isEmpty else { return true }
            return max(quiet, age ?? .zero) >= TraceReader.callersPatience
        }
    }
}
