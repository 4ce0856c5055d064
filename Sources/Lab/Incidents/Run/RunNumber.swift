import Encoding
import Workload

/// Runs of one seed in one environment are numbered, so that each has its own ids: a service answers a known
/// idempotency key from memory, and a repeated trace id would merge two requests into one trace. Seed and number alone
/// determine the ids; the first run of a seed sends the seed's own requests, in every environment.
package enum RunNumber {
    package static let largest = 1000

    /// The seed that the requests of a run are drawn from.
    /// - Parameter number: from 1.
    package static func seed(_ seed: UInt64, run number: Int) -> UInt64 {
        number <= 1 ? seed : SplitMix64.mix(SplitMix64.mix(seed) ^ UInt64(number))
    }

    /// The number of the next run: the first whose requests the environment has not seen.
    /// - Parameters:
    ///   - seed: the incident's, or the one chosen instead.
    ///   - isKnown: whether a trace with that id exists.
    /// - Throws: ``IncidentError`` if all numbers are taken; what `isKnown` throws.
    package static func next(
        of incident: Incident, seed: UInt64, isKnown: (_ traceID: String) async throws -> Bool
    ) async throws -> Int {
        for number in 1...largest {
            let first = try incident.plan(seed: Self.seed(seed, run: number)).request(at: 0)
            if try await !isKnown(first.traceID) { return number }
        }
        throw IncidentError(
            "\(incident.name) was played \(largest) times with seed \(seed) in this environment: expected another --seed"
        )
    }
}
