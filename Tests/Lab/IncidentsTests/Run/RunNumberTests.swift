import Incidents
import Testing
import Workload

@Suite("The number of a run")
struct RunNumberTests {
    @Test("The next run is the first whose requests the environment has not seen")
    func theNextRunIsTheFirstUnknownOne() async throws {
        let incident = try SampleIncident.read { $0.title = "'T'" }
        var known: Set<String> = []
        for number in 1...4 {
            #expect(try await RunNumber.next(of: incident, seed: 7) { known.contains($0) } == number)
            known.insert(try incident.plan(seed: RunNumber.seed(7, run: number)).request(at: 0).traceID)
        }
        #expect(try await RunNumber.next(of: incident, seed: 8) { known.contains($0) } == 1)
    }

    @Test("A load or another incident with the same seed counts as a run")
    func requestsOfAnotherLoadWithTheSeedCount() async throws {
        let incident = try SampleIncident.read { $0.title = "'T'" }
        let other = try SampleIncident.read {
            $0.load = "{rate: 1, duration: '9s'}"
            $0.timeline = "[{rule: 'payments:error'}]"
        }
        let taken = try other.plan(seed: 7).request(at: 0).traceID
        #expect(try await RunNumber.next(of: incident, seed: 7) { $0 == taken } == 2)
    }

    @Test("A seed whose runs are all taken is reported")
    func exhaustedRunsAreReported() async throws {
        let incident = try SampleIncident.read { $0.title = "'T'" }
        let error = await #expect(throws: IncidentError.self) {
            try await RunNumber.next(of: incident, seed: 7) { _ in true }
        }
        #expect(error?.description.hasSuffix("in this environment: expected another --seed") == true)
    }

    @Test("No two runs of common seeds share a seed")
    func runsOfCommonSeedsShareNoRunSeed() {
        let seeds = (0...50).flatMap { seed in (1...20).map { RunNumber.seed(UInt64(seed), run: $0) } }
        #expect(Set(seeds).count == seeds.count)
        #expect(RunNumber.seed(12, run: 1) == 12)
    }
}
