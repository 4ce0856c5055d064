import FaultKinds
import FaultRules
import Terminal
import Testing
import Vocabulary

@testable import Incidents
@testable import Rendering

@Suite("The timeline of an incident")
struct TimelineTests {
    static let timeline = """
        [{at: '10s', for: '20s', rule: 'payments:error=500,rate=50%'}, {at: '15s', rule: 'tasks:latency=1s,seed=99'},
         {at: '20s', deploy: {service: 'tasks', version: '2'}}, {at: '20s', for: '10s', rule: 'executor:unready'},
         {at: '55s', for: '10s', rule: 'gateway:clock-skew=+5s'}]
        """

    private func incident() throws -> Incident { try SampleIncident.read { $0.timeline = Self.timeline } }

    @Test("A request rule gets its time and the run's seed unless it has its own")
    func aRequestRuleGetsItsTimeAndTheSeedOfTheRun() throws {
        let incident = try incident()
        #expect(
            incident.requestRules().map(\.description) == [
                "payments:error=500,rate=50%,from=10s,for=20s,seed=7", "tasks:latency=1s,from=15s,seed=99",
            ])
        #expect(incident.requestRules(seed: 3).map(\.seed) == [3, 99])
    }

    @Test("The runner begins and ends rules of whole services, at the latest with the load")
    func theRunnerBeginsAndEndsServiceRules() throws {
        let actions = StageAction.all(of: try incident(), withFaults: true)
        #expect(actions.map(\.time) == [20, 20, 30, 55, 60].map { Duration.seconds($0) })
        #expect(actions.map(\.needsQuiet) == [true, false, false, false, false])
        let unready = try FaultRule(parsing: "executor:unready")
        #expect(actions[1].kind == .begin(stamped(unready, 20, 10)) || actions[1].kind == .begin(unready))
        #expect(actions[2].kind == .end(unready))
    }

    private func stamped(_ rule: FaultRule, _ from: Int, _ length: Int) -> FaultRule {
        var rule = rule
        rule.from = .seconds(from)
        rule.length = .seconds(length)
        return rule
    }

    @Test("A timeline without faults keeps the deploys")
    func aTimelineWithoutFaultsKeepsTheDeploys() throws {
        let actions = StageAction.all(of: try incident(), withFaults: false)
        #expect(actions.map(\.kind) == [.deploy(.tasks, version: "2")])
    }

    @Test("The chart shows when each event happens")
    func theChartShowsWhenEachEventHappens() throws {
        let incident = try incident()
        let open = TimelineChart(incident).lines(width: 12, showsUnicode: false).map(\.plain)
        #expect(
            open == [
                "0s 15s30s45s60s",
                "..####......  payments:error=500,rate=50%",
                "...#########  tasks:latency=1s,seed=99",
                "....^.......  tasks 2 is deployed",
                "....##......  executor:unready",
                "...........#  gateway:clock-skew=+5s",
            ])
        let narrow = TimelineChart(incident).lines(width: 12, columns: 40, showsUnicode: false).map(\.plain)
        #expect(Array(narrow[1...2]) == ["..####......", "  payments:error=500,rate=50%"])
        #expect(Array(narrow[3...]) == Array(open[2...]))
    }
}
