import EventLoop
import Glibc
import HTTP
import ServiceTesting
import Synchronization
import Testing
import Vocabulary

@testable import Supervision

extension RealProcesses {
    @Suite("Crashes caused by fault rules")
    struct CrashFaultTests {
        @Test(
            "Payments crashes on settlements, yet no money is lost and every task ends",
            .timeLimit(.minutes(3)))
        func paymentsCrashesOnSettlementWithoutLosingMoney() async throws {
            try await withTemporaryFolder { folder in
                try await withLoop { loop in
                    let fleet = try Fleet(folder: folder, on: loop)
                    let result: Result<Void, any Error>
                    do { result = .success(try await Self.crash(fleet, loop)) } catch { result = .failure(error) }
                    await fleet.endAll()
                    try result.get()
                }
            }
        }

        private static let crashes = 4

        private static func crash(_ fleet: Fleet, _ loop: EventLoop) async throws {
            for role in ServiceRole.allCases.reversed() { try await fleet.start(role) }
            try await set("payments.settle:crash,rate=5%", fleet)
            let pressure = Pressure()
            let load = Task(executorPreference: loop) { await pressure.run(fleet, loop, workers: 6) }
            defer { pressure.stop() }
            for number in 1...crashes {
                let exit = await fleet.awaitEnd(.payments)
                #expect(exit?.isSuccess == false, "it did not crash: \(String(describing: exit))")
                try await fleet.start(.payments)
                // The rule ended with its process.
                if number < crashes { try await set("payments.settle:crash,rate=5%", fleet) }
            }
            let before = pressure.settledTasks.count
            try await eventually(within: .seconds(60), "it goes on; last: \(pressure.troubles)") {
                pressure.settledTasks.count >= before + 8
            }
            pressure.stop()
            await load.value
            // What was given up while payments was down is taken up again at the start.
            #expect(await fleet.end(.tasks, SIGTERM) == .code(0))
            try await fleet.start(.tasks)
            try await fleet.untilAllTasksEnd()
            try await fleet.audit(promised: pressure.settledTasks)
        }

        private static func set(_ rule: String, _ fleet: Fleet) async throws {
            let answer: HTTPClient.Response
            do {
                answer = try await fleet.client.execute(
                    HTTPClient.Request(
                        method: .put, url: fleet.url(.payments) + "/admin/faults", body: Array(rule.utf8)),
                    timeout: .seconds(10))
            } catch {
                Issue.record("the rule was not taken: \(error)")
                return
            }
            #expect(answer.status == .ok, "\(answer.text)")
        }
    }
}
