import Contracts
import Testing

@testable import ServiceKit

@Suite("The readiness of a service")
struct ReadinessTests {
    private struct Down: Error, CustomStringConvertible { var description: String { "down" } }

    private static func check(_ name: String, works: Bool, isRequired: Bool = true) -> ReadinessCheck {
        ReadinessCheck(name: name, isRequired: isRequired) { if !works { throw Down() } }
    }

    @Test(
        "The status follows from which components are required and which work",
        arguments: [
            (true, true, "ready", true), (true, false, "degraded", true), (false, true, "broken", false),
            (false, false, "broken", false),
        ])
    func theStatusFollowsFromItsComponents(store: Bool, upstream: Bool, status: String, isReady: Bool) async {
        let readiness = Readiness(checks: [
            Self.check("store", works: store), Self.check("upstream", works: upstream, isRequired: false),
        ])
        readiness.phase = .running
        let report = await readiness.probe()
        #expect(report.status == status && report.isReady == isReady)
        #expect(report.components.map(\.name) == ["store", "upstream"])
        #expect(report.components.map(\.error) == [store ? nil : "down", upstream ? nil : "down"])
        #expect(report.components.map(\.isRequired) == [true, false])
        #expect(report.components.allSatisfy { $0.latency >= .zero })
    }

    @Test("A service is not ready while it starts or drains, even if its components work")
    func aServiceIsNotReadyWhileStartingOrDraining() async {
        let readiness = Readiness(checks: [Self.check("store", works: true)])
        #expect(readiness.phase == .starting)
        for (phase, status) in [(Readiness.Phase.starting, "starting"), (.draining, "draining")] {
            readiness.phase = phase
            let report = await readiness.probe()
            #expect(report.status == status && !report.isReady)
        }
    }

    @Test("A service without checks is ready")
    func aServiceWithoutChecksIsReady() async {
        let readiness = Readiness(checks: [])
        readiness.phase = .running
        #expect(await readiness.probe().status == "ready")
    }

    @Test("Components are checked concurrently, so one may wait for another")
    func componentsAreCheckedConcurrently() async {
        let (stream, continuation) = AsyncStream<Never>.makeStream()
        let readiness = Readiness(checks: [
            ReadinessCheck(name: "waits") { for await _ in stream {} },
            ReadinessCheck(name: "frees") { continuation.finish() },
        ])
        readiness.phase = .running
        #expect(await readiness.probe().components.map(\.name) == ["waits", "frees"])
    }
}
