import EventLoop
import Glibc
import ServiceTesting
import Synchronization
import Testing
import Vocabulary

@testable import Supervision

extension RealProcesses {
    @Suite("Services killed in the middle of a saga")
    struct CrashTests {
        @Test("Tasks and payments are killed again and again, yet every task ends and the books are right")
        func killedServicesLoseNoTaskAndNoMoney() async throws {
            try await withTemporaryFolder { folder in
                try await withLoop { loop in
                    let fleet = try Fleet(folder: folder, on: loop)
                    let result: Result<Void, any Error>
                    do { result = .success(try await Self.torment(fleet, loop)) } catch { result = .failure(error) }
                    await fleet.endAll()
                    try result.get()
                }
            }
        }

        private static func torment(_ fleet: Fleet, _ loop: EventLoop) async throws {
            for role in ServiceRole.allCases.reversed() { try await fleet.start(role) }
            let pressure = Pressure()
            let load = Task(executorPreference: loop) { await pressure.run(fleet, loop, workers: 6) }
            defer { pressure.stop() }
            for number in 0..<Repetitions.kills {
                let victim: ServiceRole = number % 2 == 0 ? .tasks : .payments
                try await more(8, pressure)
                #expect(await fleet.end(victim, SIGKILL) == .signal(SIGKILL))
                try await fleet.start(victim)
            }
            try await more(1, pressure)
            pressure.stop()
            await load.value
            // What was given up while payments was down is taken up again at the start.
            #expect(await fleet.end(.tasks, SIGTERM) == .code(0))
            try await fleet.start(.tasks)
            try await fleet.untilAllTasksEnd()
            try await fleet.audit(promised: pressure.settledTasks)
        }

        /// Waits until so many more tasks are settled.
        private static func more(_ count: Int, _ pressure: Pressure) async throws {
            let before = pressure.settledTasks.count
            do {
                try await eventually(within: .seconds(30), "more tasks are settled") {
                    pressure.settledTasks.count >= before + count
                }
            } catch let error as ConditionNotMet {
                Issue.record("nothing is settled any more; last: \(pressure.troubles)")
                throw error
            }
        }
    }
}
