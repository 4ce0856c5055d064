import Contracts
import Encoding
import Glibc
import HTTP
import Logging
import OTelSDK
import ServiceTesting
import Testing
import TraceContext
import Tracing
import Vocabulary

@testable import Tasks

/// `?mode=async`, the worker, and its recovery after a crash.
@Suite("Asynchronous tasks and their worker")
struct AsyncTasksTests {
    private static func upstreams() async throws -> (payments: FakeUpstream, executor: FakeUpstream) {
        let payments = try await FakeUpstream { request in
            let state = request.path == "/v1/settlements" ? "captured" : "held"
            return Response(status: .created, body: SagaTests.reservation(state))
        }
        let executor = try await FakeUpstream { _ in Response(status: .created, body: SagaTests.execution) }
        return (payments, executor)
    }

    @Test func aTaskIsAcceptedThenSettledInTheSameTrace() async throws {
        let (payments, executor) = try await Self.upstreams()
        let app = TestApplication(
            TasksService.self, environment: ["PAYMENTS_URL": payments.url, "EXECUTOR_URL": executor.url])
        try await app.test(.live) { client in
            let answer = try await client.execute(
                uri: "/v1/tasks?mode=async", method: .post, headers: ["x-request-id": "req-7"], json: SagaTests.task)
            #expect(answer.status == .accepted)
            let location = try #require(answer.headers["location"])
            try await eventually("settled") {
                try await client.execute(uri: location).json()["state"]?.string == "settled"
            }
        }
        let spans = app.spans.spans
        let producer = try #require(spans.first { $0.kind == .producer })
        let consumer = try #require(spans.first { $0.kind == .consumer })
        #expect(producer.name == "send tasks" && consumer.name == "process tasks")
        #expect(consumer.parentSpanID == producer.context.spanID)
        #expect(consumer.context.traceID == producer.context.traceID)
        // The creation context, as the messaging conventions ask.
        #expect(consumer.links.map(\.context.spanContext?.spanID) == [producer.context.spanID])
        #expect(consumer.links.first?.context.spanContext?.traceID == producer.context.traceID)
        let settled = try #require(app.logs.entries.first { $0.message == "task settled" })
        #expect(settled.spanID == consumer.context.spanID.description && settled.requestID == "req-7")
        await payments.stop()
        await executor.stop()
    }

    @Test func requestsWithTheSameKeyMakeOneTask() async throws {
        let (payments, executor) = try await Self.upstreams()
        let app = TestApplication(
            TasksService.self, environment: ["PAYMENTS_URL": payments.url, "EXECUTOR_URL": executor.url])
        try await app.test(.router) { client in
            let first = try await client.execute(
                uri: "/v1/tasks", method: .post, headers: ["idempotency-key": "k"], json: SagaTests.task)
            let second = try await client.execute(
                uri: "/v1/tasks", method: .post, headers: ["idempotency-key": "k"], json: SagaTests.task)
            #expect(first.status == .created && second.status == .ok)
            #expect(try first.json()["task_id"] == second.json()["task_id"])
            let other = try await client.execute(
                uri: "/v1/tasks", method: .post, headers: ["idempotency-key": "k"],
                json: ["guild_id": "g-2", "amount": 5, "workload": ["kind": "sort", "size": 10]])
            #expect(other.status == .unprocessableContent)
        }
        #expect(payments.asked.filter { $0 == "POST /v1/reservations" }.count == 1)
        await payments.stop()
        await executor.stop()
    }

    /// A mistake of the caller is not an error of the service, so the span of the queue shows none either.
    @Test func aReusedKeyIsNotLoggedAsAnError() async throws {
        let (payments, executor) = try await Self.upstreams()
        let app = TestApplication(
            TasksService.self, environment: ["PAYMENTS_URL": payments.url, "EXECUTOR_URL": executor.url])
        try await app.test(.router) { client in
            for (guild, status) in [("g-1", HTTPStatus.accepted), ("g-2", .unprocessableContent)] {
                let answer = try await client.execute(
                    uri: "/v1/tasks?mode=async", method: .post, headers: ["idempotency-key": "k"],
                    json: ["guild_id": .string(guild), "amount": 5, "workload": ["kind": "sort", "size": 10]])
                #expect(answer.status == status)
            }
        }
        #expect(app.logs.entries.filter { $0.level >= .error }.isEmpty)
        let producers = app.spans.spans.filter { $0.kind == .producer }
        #expect(producers.count == 2 && producers.allSatisfy { $0.status == nil })
        #expect(producers.last?.events.map(\.name) == ["rejected"])
        await payments.stop()
        await executor.stop()
    }

    /// A process died with tasks in every state. The next process finishes them under the keys of the first.
    @Test func theWorkerFinishesTasksLeftByACrash() async throws {
        let folder = try temporaryFolder()
        defer { removeFolder(folder) }
        let (payments, executor) = try await Self.upstreams()
        let operations = Operations(tracer: NoOpTracer(), logger: .noOp)
        let store = try TaskStore(path: folder + "/tasks.sqlite", operations: operations, clock: .system)
        for (index, state) in [TaskState.created, .reserved, .executing, .settled].enumerated() {
            let task = StoredTask(
                id: "t-\(index)",
                request: try CreateTaskRequest(
                    Request(method: .post, uri: "/", body: Array(SagaTests.task.description.utf8))),
                mode: index % 2 == 0 ? .sync : .async, idempotencyKey: "k\(index)", requestID: "req-\(index)")
            var (stored, _) = try store.insert(task, carrying: [:])
            if state != .created { try store.update(&stored, to: state) }
        }
        store.close()

        let app = TestApplication(
            TasksService.self,
            environment: ["PAYMENTS_URL": payments.url, "EXECUTOR_URL": executor.url, "DATA_DIR": folder])
        try await app.test(.live) { client in
            try await eventually("all settled") {
                let tasks = try await client.execute(uri: "/v1/tasks?status=settled").json()["tasks"]?.array
                return tasks?.count == 4
            }
        }
        let keys = payments.requests.compactMap { $0.path == "/v1/reservations" ? $0.headers["idempotency-key"] : nil }
        #expect(Set(keys) == ["t-0:reserve", "t-1:reserve", "t-2:reserve"])
        await payments.stop()
        await executor.stop()
    }

    /// A payments that takes reservations in and never answers; nothing is held there.
    private static func hangingPayments() async throws -> FakeUpstream {
        try await FakeUpstream { request in
            if request.method == .post { try await Task.sleep(for: .seconds(60)) }
            return HTTPError(.notFound, type: "unknown-reservation").response(instance: "/")
        }
    }

    /// When the worker must stop in the middle of a queued task, it leaves the task for the next start.
    @Test func aShutdownLeavesQueuedTasksForTheNextStart() async throws {
        let folder = try temporaryFolder()
        defer { removeFolder(folder) }
        let payments = try await Self.hangingPayments()
        let app = TestApplication(
            TasksService.self, environment: ["PAYMENTS_URL": payments.url, "DATA_DIR": folder])
        try await app.test(.live) { client in
            let answer = try await client.execute(uri: "/v1/tasks?mode=async", method: .post, json: SagaTests.task)
            #expect(answer.status == .accepted)
            try await eventually("the worker has begun") { !payments.asked.isEmpty }
        }
        let operations = Operations(tracer: NoOpTracer(), logger: .noOp)
        let store = try TaskStore(path: folder + "/tasks.sqlite", operations: operations, clock: .system)
        #expect(try store.unfinished(mode: .async, before: .max, limit: 10).map(\.state) == [.created])
        store.close()
        #expect(payments.asked == ["POST /v1/reservations"])
        await payments.stop()
    }

    @Test func aRepeatedRequestLearnsThatTheFirstStillRuns() async throws {
        let payments = try await Self.hangingPayments()
        let app = TestApplication(TasksService.self, environment: ["PAYMENTS_URL": payments.url])
        try await app.test(.live) { client in
            let first = Task {
                try await client.execute(
                    uri: "/v1/tasks", method: .post, headers: ["idempotency-key": "k"], json: SagaTests.task)
            }
            try await eventually("the first runs") { !payments.asked.isEmpty }
            let second = try await client.execute(
                uri: "/v1/tasks", method: .post, headers: ["idempotency-key": "k"], json: SagaTests.task)
            #expect(second.status == .conflict && second.headers["retry-after"] == "1")
            #expect(try second.json()["type"]?.string == "urn:tailspan:problem:request-in-progress")
            first.cancel()
            _ = await first.result
        }
        await payments.stop()
    }

    /// Payments is down. Each queued task is tried and then left for later, instead of being retried in a loop.
    @Test func aTaskThatFailsWaitsBeforeItsNextAttempt() async throws {
        let payments = try await FakeUpstream { _ in Response(status: .internalServerError) }
        let app = TestApplication(TasksService.self, environment: ["PAYMENTS_URL": payments.url])
        try await app.test(.live) { client in
            for _ in 0..<3 {
                let answer = try await client.execute(uri: "/v1/tasks?mode=async", method: .post, json: SagaTests.task)
                #expect(answer.status == .accepted)
                // Each wake-up looks at the whole queue again.
                let tried = app.logs.entries.count { $0.message == "operation failed" }
                try await eventually("the task was tried") {
                    app.logs.entries.count { $0.message == "operation failed" } > tried
                }
            }
        }
        #expect(payments.asked.filter { $0.hasPrefix("POST") }.count == 3)
        await payments.stop()
    }

    @Test func tasksAreListedNewestFirstPageByPage() async throws {
        let (payments, executor) = try await Self.upstreams()
        let app = TestApplication(
            TasksService.self, environment: ["PAYMENTS_URL": payments.url, "EXECUTOR_URL": executor.url])
        try await app.test(.router) { client in
            var made: [String] = []
            for _ in 0..<5 {
                let answer = try await client.execute(uri: "/v1/tasks", method: .post, json: SagaTests.task)
                made.append(try #require(try answer.json()["task_id"]?.string))
            }
            var seen: [String] = []
            var uri: String? = "/v1/tasks?limit=2&guild_id=g-1"
            while let next = uri {
                let page = try await client.execute(uri: next).json()
                seen += page["tasks"]?.array?.compactMap { $0["task_id"]?.string } ?? []
                uri = page["next_cursor"]?.string.map { "/v1/tasks?limit=2&guild_id=g-1&cursor=" + $0 }
            }
            #expect(seen == made.reversed())
            let none = try await client.execute(uri: "/v1/tasks?guild_id=g-none").json()
            #expect(none["tasks"]?.array?.isEmpty == true && none["next_cursor"] == nil)
            #expect(try await client.execute(uri: "/v1/tasks/t-none").status == .notFound)
        }
        await payments.stop()
        await executor.stop()
    }

    private func removeFolder(_ folder: String) {
        for suffix in ["", "-wal", "-shm"] { unlink(folder + "/tasks.sqlite" + suffix) }
        rmdir(folder)
    }

    private func temporaryFolder() throws -> String {
        var template = Array("/tmp/tailspan-tests-XXXXXX".utf8CString)
        let path = try #require(mkdtemp(&template).map { String(cString: $0) })
        return path
    }
}
