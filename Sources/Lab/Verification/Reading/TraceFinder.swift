import Encoding
import Vocabulary
import Workload

/// Finds traces without knowing their whole id. Safe to use from any thread.
package struct TraceFinder: Sendable {
    /// Why there is not exactly one trace.
    package enum Failure: Error, Equatable, CustomStringConvertible {
        case unknown(prefix: String)
        /// Some of the ids with this prefix, sorted.
        case ambiguous(prefix: String, [String])

        package var description: String {
            switch self {
            case .unknown(let prefix):
                "there is no trace whose id begins with '\(prefix)': neither a log line nor a span of the last 7 days has one"
            case .ambiguous(let prefix, let ids):
                "several traces' ids begin with '\(prefix)'; say more of the one that is meant:\n"
                    + ids.map { "  " + $0 }.joined(separator: "\n")
                    + (ids.count >= TraceFinder.mostCandidates ? "\n  and perhaps more" : "")
            }
        }
    }

    /// Which of several traces to choose.
    package enum Choice: Sendable, Equatable {
        case newest
        case slowest
    }

    /// The maximum number of ids listed.
    package static let mostCandidates = 10

    private let tempo: TempoClient?
    private let loki: LokiClient
    private let clock: LoadClock
    private let wallClock: WallClock

    /// - Parameters:
    ///   - tempo: `nil` to find ids in log lines only.
    ///   - wallClock: the clock of the lines' timestamps.
    package init(tempo: TempoClient?, loki: LokiClient, clock: LoadClock, wallClock: WallClock = .system) {
        self.tempo = tempo
        self.loki = loki
        self.clock = clock
        self.wallClock = wallClock
    }

    // MARK: By id prefix

    /// The only trace whose id begins with `prefix`, or is `prefix` after leading zeros, as Tempo's search writes ids.
    /// - Parameters:
    ///   - prefix: hex digits in lower case, fewer than 32.
    ///   - patience: how long to wait for a trace that has just begun.
    /// - Throws: ``Failure``, or ``BackendError`` if neither lines nor spans can be queried.
    package func traceID(_ prefix: String, patience: Duration = .seconds(5)) async throws -> String {
        let start = clock.now()
        while true {
            let ids = try await candidates(prefix)
            if let id = ids.first {
                guard ids.count == 1 else { throw Failure.ambiguous(prefix: prefix, ids.sorted()) }
                return id
            }
            guard clock.now() - start < patience else { throw Failure.unknown(prefix: prefix) }
            try await clock.sleepUntil(clock.now() + .milliseconds(500))
        }
    }

    private func candidates(_ prefix: String) async throws -> [String] {
        var ids: [String] = []
        var failure: BackendError?
        let now = wallClock.now()
        let hour: UInt64 = 3_600_000_000_000
        // Most traces that are looked for are recent; only a failed search takes long.
        for hours in [1, 24, 7 * 24] as [UInt64] where ids.isEmpty {
            let range = (now - min(now, hours * hour))..<now.saturatingSum(60_000_000_000)
            do { ids = try await idsOfLines(prefix, in: range) } catch let error as BackendError {
                failure = error
                break
            }
        }
        guard let tempo else {
            if let failure { throw failure }
            return ids
        }
        do {
            let padded = TempoClient.padded(prefix)
            if !ids.contains(padded), padded.contains(where: { $0 != "0" }), try await tempo.trace(id: padded) != nil {
                ids.append(padded)
            }
            if ids.isEmpty {
                ids = try await idsOfSpans(prefix, tempo, in: (now - min(now, 7 * 24 * hour))..<now)
            }
        } catch let error as BackendError {
            // One of the two is enough.
            if ids.isEmpty, let failure { throw failure }
            if ids.isEmpty, error.status == nil { throw error }
        }
        if ids.isEmpty, let failure { throw failure }
        return ids
    }

    /// The ids in the lines, one query each, so that the number of lines per trace does not matter.
    private func idsOfLines(_ prefix: String, in range: Range<UInt64>) async throws -> [String] {
        let query = LogStreams.all + " | trace_id=~\"\(prefix).*\""
        var ids: [String] = []
        while ids.count < Self.mostCandidates {
            let rest = ids.map { " | trace_id!=\"\($0)\"" }.joined()
            guard
                let id = try await loki.lines(query + rest, in: range, limit: 1, direction: .backward).first?.traceID,
                !ids.contains(id)
            else { break }
            ids.append(id)
        }
        return ids
    }

    /// The ids of the spans; empty if the search does not support regular expressions on ids.
    private func idsOfSpans(_ prefix: String, _ tempo: TempoClient, in range: Range<UInt64>) async throws -> [String] {
        do {
            return try await tempo.search(
                "{ trace:id =~ \"\(prefix).*\" }", in: range, limit: Self.mostCandidates
            ).map(\.traceID).filter { $0.hasPrefix(prefix) }
        } catch let error as BackendError where error.status == 400 {
            return []
        }
    }

    // MARK: By properties

    /// The newest or the slowest trace.
    /// - Parameters:
    ///   - service: only traces in which this service took part.
    ///   - hasErrors: only traces with an error span.
    ///   - range: when its spans began; nanoseconds since the Unix epoch.
    /// - Returns: `nil` if there is none.
    /// - Throws: ``BackendError``.
    package func find(
        _ choice: Choice, service: String? = nil, hasErrors: Bool = false, in range: Range<UInt64>
    ) async throws -> TempoClient.Found? {
        guard let tempo else { return nil }
        var filters: [String] = []
        if let service { filters.append("resource.service.name = \(JSONValue.string(service).description)") }
        if hasErrors { filters.append("status = error") }
        func query(_ more: String...) -> String { "{ " + (filters + more).joined(separator: " && ") + " }" }
        switch choice {
        case .newest: return try await tempo.search(query(), in: range, limit: 20).first
        case .slowest:
            // A search returns only a limited number of the newest traces: repeat it for traces slower than the slowest
            // so far.
            var found = try await tempo.search(query(), in: range, limit: 200)
            var slowest: TempoClient.Found?
            while let next = found.max(by: { $0.durationMS < $1.durationMS }),
                slowest.map({ $0.durationMS < next.durationMS }) ?? true
            {
                slowest = next
                found = try await tempo.search(
                    query("trace:duration >= \(next.durationMS.saturatingSum(1))ms"), in: range, limit: 200)
            }
            return slowest
        }
    }
}
