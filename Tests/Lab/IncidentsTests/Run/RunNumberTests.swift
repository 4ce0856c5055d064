import Incidents
import Testing
import Workload

@Suite("Which run of a seed it is")
struct RunNumberTests {
    @Test("The first whose requests the environment has not had")
    func next() async throws {
        let incident = try SampleIncident.read { $0.title = "'T'" }
        var known: Set<String> = []
        for number in 1...4 {
            #expect(try await RunNumber.next(of: incident, seed: 7) { known.contains($0) } == number)
            known.insert(try incident.plan(seed: RunNumber.seed(7, run: number)).request(at: 0).traceID)
        }
        #expect(try await RunNumber.next(of: incident, seed: 8) { known.contains($0) } == 1)
    }

    @Test("A load of the same seed, or another incident, counts as a run: its requests are the first one's")
    func others() async throws {
        let incident = try SampleIncident.read { $0.title = "'T'" }
        let other = try SampleIncident.read {
            $0.load = "{rate: 1, duration: '9s'}"
            $0.timeline = "[{rule: 'payments:error'}]"
        }
        let taken = try other.plan(seed: 7).request(at: 0).traceID
        #expect(try await RunNumber.next(of: incident, seed: 7) { $0 == taken } == 2)
    }

    @Test("Where all are taken, that is said")
    func taken() async throws {
        let incident = try SampleIncident.read { $0.title = "'T'" }
        let error = await #expect(throws: IncidentError.self) {
            try await RunNumber.next(of: incident, seed: 7) { _ in true }
        }
        #expect(error?.description.hasSuffix("in this environment: expected another --seed") == true)
    }

    @Test("No two runs of the seeds that people choose share one")
    func distinct() {
        let seeds = (0...50).flatMap { seed in (1...20).map { RunNumber.seed(UInt64(seed), run: $0) } }
        #expect(Set(seeds).count == seeds.count)
        #expect(RunNumber.seed(12, run: 1) == 12)
    }
}
