import Contracts
import Encoding
import EventLoop
import Glibc
import HTTP
import ServiceTesting
import Synchronization
import Testing
import Vocabulary

@testable import Supervision

extension RealProcesses {
    @Suite("A service that is stopped under load")
    struct ShutdownUnderLoadTests {
        /// What callers were told, by the key of their request.
        private final class Callers: Sendable {
            private let isOver = Atomic(false)
            private let next = Atomic(0)
            private let answers = Mutex<[String: String]>([:])
            private let errors = Mutex<[HTTPStatus]>([])

            /// The ids of the tasks that were answered 201.
            var answered: Set<String> { Set(answers.withLock { $0.values }) }
            var count: Int { answers.withLock { $0.count } }
            /// Answers that were neither 201 nor 503, which a service gives while it stops.
            var unexpected: [HTTPStatus] { errors.withLock { $0.filter { $0 != .serviceUnavailable } } }

            func stop() { isOver.store(true, ordering: .relaxed) }

            func run(_ fleet: Fleet, _ loop: EventLoop, workers: Int) async {
                await withTaskGroup { group in
                    for _ in 0..<workers { group.addTask { await self.work(fleet, loop) } }
                }
            }

            private func work(_ fleet: Fleet, _ loop: EventLoop) async {
                while !isOver.load(ordering: .relaxed) {
                    let key = "stop-\(next.add(1, ordering: .relaxed).oldValue)"
                    do {
                        let answer = try await fleet.client.createTask(
                            fleet.url(.gateway), query: "", guild: "g-1", amount: 1, size: 50, key: key)
                        guard answer.status == .created, let id = try answer.json()["task_id"]?.string else {
                            errors.withLock { $0.append(answer.status) }
                            continue
                        }
                        answers.withLock { $0[key] = id }
                    } catch {
                        // Nobody listens at the moment, or the connection was closed before the request was read. Had it
                        // been read, the task would show below.
                        try? await loop.sleep(for: .milliseconds(5))
                    }
                }
            }
        }

        @Test("Every request that a stopping gateway has accepted is answered")
        func everyAcceptedRequestIsAnswered() async throws {
            try await withTemporaryFolder { folder in
                try await withLoop { loop in
                    let fleet = try Fleet(folder: folder, on: loop)
                    let result: Result<Void, any Error>
                    do { result = .success(try await Self.stopAgainAndAgain(fleet, loop)) } catch {
                        result = .failure(error)
                    }
                    await fleet.endAll()
                    try result.get()
                }
            }
        }

        private static func stopAgainAndAgain(_ fleet: Fleet, _ loop: EventLoop) async throws {
            for role in ServiceRole.allCases.reversed() { try await fleet.start(role) }
            let callers = Callers()
            let load = Task(executorPreference: loop) { await callers.run(fleet, loop, workers: 12) }
            defer { callers.stop() }
            for _ in 0..<Repetitions.shutdowns {
                let before = callers.count
                try await eventually(within: .seconds(30), "requests are answered") { callers.count > before + 20 }
                #expect(await fleet.end(.gateway, SIGTERM) == .code(0))
                try await fleet.start(.gateway)
            }
            callers.stop()
            await load.value
            #expect(callers.unexpected.isEmpty, "\(callers.unexpected)")
            try await fleet.untilAllTasksEnd()
            let settled = try await fleet.tasks(.settled)
            #expect(Set(settled.keys) == callers.answered, "each task that exists was answered, and the reverse")
        }
    }
}
