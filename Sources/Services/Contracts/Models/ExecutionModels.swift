import Encoding
import HTTP

/// `POST /v1/executions`: computes a workload.
package struct ExecutionRequest: Sendable, Equatable {
    package var taskID: String
    package var workload: WorkloadSpec

    package init(taskID: String, workload: WorkloadSpec) {
        self.taskID = taskID
        self.workload = workload
    }

    package init(_ request: Request) throws {
        var reader = try FieldReader(request)
        taskID = reader.identifier("task_id")
        let workload = reader.nested("workload") { WorkloadSpec(from: &$0) }
        try reader.finish()
        guard let workload = workload ?? nil else { throw HTTPError(.unprocessableContent, type: "invalid-request") }
        self.workload = workload
    }

    package var json: [UInt8] {
        var writer = JSONWriter()
        writer.object {
            $0.member("task_id", taskID)
            $0.name("workload")
            workload.write(to: &$0)
        }
        return writer.bytes
    }
}

/// A computed workload.
package struct Execution: Sendable, Equatable {
    package var executorID: String
    package var result: String
    package var durationMS: Double
    package var memoryBytes: Int64

    package init(executorID: String, result: String, durationMS: Double, memoryBytes: Int64) {
        self.executorID = executorID
        self.result = result
        self.durationMS = durationMS
        self.memoryBytes = memoryBytes
    }

    package init(body: [UInt8]) throws {
        let json = try JSONValue(parsing: body)
        guard let executorID = json["executor_id"]?.string, let result = json["result"]?.string,
            let durationMS = json["duration_ms"]?.double, let memoryBytes = json["memory_bytes"]?.integer
        else {
            throw HTTPError(.badGateway, type: "unexpected-answer", message: "the executor's answer lacks a member")
        }
        self.init(executorID: executorID, result: result, durationMS: durationMS, memoryBytes: memoryBytes)
    }

    package func write(to json: inout JSONWriter) {
        json.object {
            $0.member("executor_id", executorID)
            $0.member("result", result)
            $0.member("duration_ms", durationMS)
            $0.member("memory_bytes", memoryBytes)
        }
    }
}
