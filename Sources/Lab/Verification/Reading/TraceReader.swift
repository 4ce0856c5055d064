import Encoding
import Workload

/// Reads one trace with its log lines and, while it is fresh, waits until it is complete.
///
/// Services send spans in batches, each when it likes, and lines come another way: what can be read at first is a part
/// of the trace, and looks like one that is torn. Safe to use from any thread.
package struct TraceReader: Sendable {
    /// How long to wait for what is missing.
    package enum Patience: Sendable, Equatable {
        /// As long as more is likely: until nothing has come for so long, an old trace's last span included. Twice as
        /// long at most.
        case whileFresh(Duration)
        /// So long from the first look on, however old the trace is.
        case upTo(Duration)

        /// Longer than services keep their spans back (`OTEL_BSP_SCHEDULE_DELAY`, 5 s), and what they then need.
        package static let usual = Patience.whileFresh(.seconds(10))
        /// One look.
        package static let none = Patience.upTo(.zero)
    }

    /// A caller that sends spans at all has sent this one by now: it ends when the answer has come.
    private static let callersPatience = Duration.seconds(7)
    /// What is whole must also be unchanged for so long, while it is fresh.
    private static let rest = Duration.seconds(1)
    private static let interval = Duration.milliseconds(500)

    private let tempo: TempoClient
    private let loki: LokiClient
    private let clock: LoadClock
    private let wallClock: WallClock

    /// - Parameter wallClock: what spans and lines are dated by.
    package init(tempo: TempoClient, loki: LokiClient, clock: LoadClock, wallClock: WallClock = .system) {
        self.tempo = tempo
        self.loki = loki
        self.clock = clock
        self.wallClock = wallClock
    }

    /// - Parameters:
    ///   - traceID: 32 hex digits.
    ///   - awaitsCaller: whether the span of whoever sent the request may still come.
    ///   - progress: told of each look that did not suffice.
    /// - Returns: what was there at the last look, complete or not.
    /// - Throws: ``BackendError`` if spans cannot be asked for up to the end.
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
                // Who never answered is not there; a store that hiccups is asked again.
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

    /// Decides when there has been enough waiting.
    private struct Wait {
        private let patience: Patience
        private let awaitsCaller: Bool
        private let start: Duration
        private var now: Duration
        /// When something last came, and whether that was at the first look.
        private var changed: Duration
        private var hasGrown = false
        private var isFirst = true
        /// How old the newest span or line is; `nil` while there is none.
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
                // What ends in the future, by a clock that is ahead or by nonsense, is as fresh as can be.
                .nanoseconds(Int64(clamping: wallTime > newest ? wallTime - newest : 0))
            }
        }

        /// For how long nothing has come. What was there at the first look came when it was made, or soon after.
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
            // A guess that more will come holds for fresh traces only, however patient one is.
            let guessing = if case .whileFresh(let limit) = patience { limit } else { Duration.seconds(10) }
            if reading.gaps.isLikelyToGrow, quiet < guessing { return false }
            guard awaitsCaller, !reading.gaps.callers.isEmpty else { return true }
            return max(quiet, age ?? .zero) >= TraceReader.callersPatience
        }
    }
}
