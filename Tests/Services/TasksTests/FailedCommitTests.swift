import Contracts
import Encoding
import EventLoop
import Glibc
import HTTP
import Logging
import Metrics
import OTelSDK
import SQLite
import ServiceTesting
import Testing
import Tracing
import Vocabulary

@testable import Tasks

@Suite("Tasks whose commit fails")
struct FailedCommitTests {
    /// Makes each commit fail that contains what `trigger` says.
    private static func sabotage(_ store: TaskStore, _ trigger: String) throws {
        try store.database.withLock {
            try $0.execute(
                script: """
                    CREATE TABLE broken (x INTEGER REFERENCES tasks (seq) DEFERRABLE INITIALLY DEFERRED);
                    CREATE TRIGGER breaking AFTER \(trigger) BEGIN INSERT INTO broken VALUES (-1); END;
                    """)
        }
    }

    @Test("A saga whose task is not stored gives up without a compensation")
    func aLostTaskIsNotCarriedOn() async throws {
        let payments = try await FakeUpstream { _ in Response(status: .internalServerError) }
        let loop = try EventLoop(name: "tasks")
        try loop.start()
        let work = Task(executorPreference: loop) {
            let store = try TaskStore(
                path: ":memory:", operations: Operations(tracer: NoOpTracer(), logger: .noOp), clock: .system,
                commits: GroupCommit(
                    eventLoop: loop, logger: .noOp, metrics: NOOPMetricsHandler(), database: TaskStore.name))
            try Self.sabotage(store, "INSERT ON tasks")
            let client = UpstreamClient(
                name: "payments", baseURL: payments.url, httpClient: HTTPClient(eventLoop: loop), eventLoop: loop,
                tracer: NoOpTracer(), logger: .noOp, metrics: NOOPMetricsHandler(), randomUInt64: { 1 })
            let saga = TaskSaga(
                store: store, payments: PaymentsClient(client), executor: ExecutorClient(client), eventLoop: loop,
                logger: .noOp)
            let task = StoredTask(
                id: "t-1",
                request: CreateTaskRequest(guildID: "g-1", amount: 5, workload: WorkloadSpec(kind: .sort, size: 10)),
                mode: .sync, idempotencyKey: "k", requestID: "r-1")
            let (stored, _) = try store.insert(task, carrying: [:])
            await #expect(throws: TaskStore.NotStored.self) { try await saga.run(stored) }
            #expect(try store.find("t-1") == nil)
            // Nor can it change what is not there.
            var lost = stored
            #expect(throws: TaskStore.NotStored.self) { try store.update(&lost, to: .failed) }
        }
        try await work.value
        #expect(payments.asked.allSatisfy { $0 == "POST /v1/reservations" })
        await payments.stop()
        loop.stop()
    }

    @Test("A step that is not stored is not followed by its call, nor by copies of it", arguments: [1, 2])
    func aStepThatIsNotStoredIsNotFollowed(_ copies: Int) async throws {
        let payments = try await FakeUpstream { request in
            Response(status: .created, body: SagaTests.reservation(request.method == .delete ? "released" : "held"))
        }
        let executor = try await FakeUpstream { _ in Response(status: .created, body: SagaTests.execution) }
        try await Self.withFolder { folder in
            try Self.prepare(folder, "UPDATE OF state ON tasks WHEN new.state = 'executing'")
            let app = TestApplication(
                TasksService.self,
                environment: [
                    "PAYMENTS_URL": payments.url, "EXECUTOR_URL": executor.url, "DATA_DIR": folder,
                    "FAULTS": copies == 1 ? "" : "tasks:duplicate-request=\(copies)",
                ])
            try await app.test(.live) { client in
                let answer = try await client.execute(uri: "/v1/tasks", method: .post, json: SagaTests.task)
                #expect(answer.status == .internalServerError)
                #expect(try answer.json()["type"]?.string == "urn:tailspan:problem:not-stored")
                let tasks = try await client.execute(uri: "/v1/tasks").json()["tasks"]?.array
                #expect(tasks?.map { $0["state"]?.string } == ["compensated"])
            }
        }
        #expect(executor.asked.allSatisfy { $0.hasPrefix("GET") })
        #expect(payments.asked.contains { $0.hasPrefix("DELETE") })
        await payments.stop()
        await executor.stop()
    }

    @Test(
        "A task that cannot be stored is answered 500, and payments never hears of it", arguments: ["sync", "async"])
    func aTaskThatIsNotStoredIsToldToNobody(_ mode: String) async throws {
        let payments = try await FakeUpstream { _ in Response(status: .internalServerError) }
        try await Self.withFolder { folder in
            try Self.prepare(folder, "INSERT ON tasks")
            let app = TestApplication(
                TasksService.self, environment: ["PAYMENTS_URL": payments.url, "DATA_DIR": folder])
            try await app.test(.live) { client in
                let answer = try await client.execute(
                    uri: "/v1/tasks?mode=" + mode, method: .post, json: SagaTests.task)
                #expect(answer.status == .internalServerError)
                #expect(try answer.json()["type"]?.string == "urn:tailspan:problem:not-stored")
                #expect(try await client.execute(uri: "/v1/tasks").json()["tasks"]?.array?.isEmpty == true)
            }
            let server = try #require(app.spans.spans.first { $0.name == "POST /v1/tasks" })
            #expect(server.status?.code == .error && server.attributes["http.response.status_code"] == 500)
            #expect(app.logs.entries.count { $0.message.hasPrefix("a commit failed") } == 1)
        }
        #expect(payments.asked.allSatisfy { $0.hasPrefix("GET") })
        await payments.stop()
    }

    @Test("A queued task whose outcome is not stored fails its span, and waits before its next attempt")
    func aQueuedTaskWithoutStoredOutcomeWaits() async throws {
        let payments = try await FakeUpstream { _ in
            HTTPError(.paymentRequired, type: "insufficient-balance", message: "as told").response(instance: "/")
        }
        try await Self.withFolder { folder in
            try Self.prepare(folder, "UPDATE OF is_final ON tasks")
            let app = TestApplication(
                TasksService.self, environment: ["PAYMENTS_URL": payments.url, "DATA_DIR": folder])
            try await app.test(.live) { client in
                for number in 1...3 {
                    let answer = try await client.execute(
                        uri: "/v1/tasks?mode=async", method: .post, json: SagaTests.task)
                    #expect(answer.status == .accepted)
                    // Each wake-up looks at the whole queue again.
                    try await eventually("the task was tried") {
                        app.spans.spans.count { $0.kind == .consumer } >= number
                    }
                }
                let left = try await client.execute(uri: "/v1/tasks?status=created").json()["tasks"]?.array
                #expect(left?.count == 3)
            }
            let consumers = app.spans.spans.filter { $0.kind == .consumer }
            #expect(consumers.count == 3 && consumers.allSatisfy { $0.status?.code == .error })
            #expect(app.logs.entries.count { $0.message.hasPrefix("a commit failed") } == 3)
        }
        #expect(payments.asked.filter { $0 == "POST /v1/reservations" }.count == 3)
        await payments.stop()
    }

    /// Makes a store in `folder` whose commits fail as in ``sabotage(_:_:)``.
    private static func prepare(_ folder: String, _ trigger: String) throws {
        let store = try TaskStore(
            path: folder + "/tasks.sqlite", operations: Operations(tracer: NoOpTracer(), logger: .noOp),
            clock: .system)
        try sabotage(store, trigger)
        store.close()
    }

    private static func withFolder(_ body: (String) async throws -> Void) async throws {
        var template = Array("/tmp/tailspan-tests-XXXXXX".utf8CString)
        let folder = try #require(mkdtemp(&template).map { String(cString: $0) })
        defer {
            for suffix in ["", "-wal", "-shm"] { unlink(folder + "/tasks.sqlite" + suffix) }
            rmdir(folder)
        }
        try await body(folder)
    }
}
