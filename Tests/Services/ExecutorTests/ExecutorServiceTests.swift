import Contracts
import Encoding
import HTTP
import Logging
import OTelSDK
import ServiceTesting
import Testing
import TraceContext
import Tracing
import Vocabulary

@testable import Executor

@Suite("The executor service")
struct ExecutorServiceTests {
    private static func request(_ kind: String, _ size: Int64) -> JSONValue {
        ["task_id": "t-1", "workload": ["kind": .string(kind), "size": .integer(size)]]
    }

    @Test(arguments: WorkloadSpec.Kind.allCases)
    func theExecutorComputesEveryWorkload(_ kind: WorkloadSpec.Kind) async throws {
        let app = TestApplication(ExecutorService.self)
        try await app.test(.router) { client in
            let answer = try await client.execute(
                uri: "/v1/executions", method: .post, json: Self.request(kind.rawValue, 1000))
            #expect(answer.status == .created)
            let json = try answer.json()
            #expect(json["result"]?.string == Workloads.run(WorkloadSpec(kind: kind, size: 1000)).result)
            #expect(try #require(json["duration_ms"]?.double) >= 0)
            #expect(json["memory_bytes"]?.integer != nil && json["executor_id"]?.string == "exec-1")
        }
        let compute = try #require(app.spans.spans.first { $0.name == "compute " + kind.rawValue })
        #expect(compute.kind == .internal && compute.status == nil)
    }

    @Test(
        arguments: [
            (request("md5", 1), "/workload/kind"), (request("sha256", 0), "/workload/size"),
            (request("sha256", 5_000_001), "/workload/size"), (["task_id": "t-1"], "/workload"),
            (["task_id": "", "workload": ["kind": "sort", "size": 1]], "/task_id"),
        ] as [(JSONValue, String)])
    func anErrorNamesTheWrongField(_ body: JSONValue, _ field: String) async throws {
        try await TestApplication(ExecutorService.self).test(.router) { client in
            let answer = try await client.execute(uri: "/v1/executions", method: .post, json: body)
            #expect(answer.status == .unprocessableContent)
            #expect(try answer.json()["errors"]?[0]?["field"]?.string == field)
        }
    }

    /// With one thread and no queue, some of many concurrent requests are refused. Span, line and response agree.
    @Test func aFullQueueAnswers503WithRetryAfter() async throws {
        let app = TestApplication(ExecutorService.self, environment: ["EXECUTOR_THREADS": "1", "EXECUTOR_QUEUE": "0"])
        let statuses = try await app.test(.live) { client in
            try await withThrowingTaskGroup(of: (Int, String?).self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        let answer = try await client.execute(
                            uri: "/v1/executions", method: .post, json: Self.request("primes", 2_000_000))
                        return (answer.status.code, answer.headers["retry-after"])
                    }
                }
                var all: [(Int, String?)] = []
                for try await one in group { all.append(one) }
                return all
            }
        }
        #expect(statuses.contains { $0.0 == 201 })
        let refused = statuses.filter { $0.0 == 503 }
        #expect(!refused.isEmpty && refused.allSatisfy { $0.1 == "1" })
        let failed = app.spans.spans.filter { $0.status?.code == .error }
        #expect(failed.count == refused.count * 2)
        for span in failed {
            #expect(app.logs.entries.contains { $0.level == .error && $0.spanID == span.context.spanID.description })
        }
    }
}
