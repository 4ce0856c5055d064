import Encoding
import HTTP

/// The state of a task in its saga.
package enum TaskState: String, Sendable, CaseIterable {
    /// Stored; no step has been taken yet.
    case created
    /// The amount is held on the guild's channel.
    case reserved
    /// The executor has been called.
    case executing
    /// Computed and paid for.
    case settled
    /// Refused before any amount was held.
    case failed
    /// Failed after an amount was held; the amount has been released.
    case compensated

    /// Whether no further step follows.
    package var isFinal: Bool { self == .settled || self == .failed || self == .compensated }
}

/// `POST /v1/tasks`: requests a computation that a guild pays for.
package struct CreateTaskRequest: Sendable, Equatable {
    /// Amounts are in whole minor units.
    package static let amounts: ClosedRange<Int64> = 1...10_000_000_000_000

    package var guildID: String
    package var amount: Int64
    package var workload: WorkloadSpec

    package init(guildID: String, amount: Int64, workload: WorkloadSpec) {
        self.guildID = guildID
        self.amount = amount
        self.workload = workload
    }

    /// - Throws: ``HTTPError`` that says what is wrong.
    package init(_ request: Request) throws {
        var reader = try FieldReader(request)
        let guildID = reader.identifier("guild_id")
        let amount = reader.integer("amount", in: Self.amounts)
        let workload = reader.nested("workload") { WorkloadSpec(from: &$0) }
        try reader.finish()
        guard let workload = workload ?? nil else { throw HTTPError(.unprocessableContent, type: "invalid-request") }
        self.init(guildID: guildID, amount: amount, workload: workload)
    }

    package var json: [UInt8] {
        var writer = JSONWriter()
        writer.object {
            $0.member("guild_id", guildID)
            $0.member("amount", amount)
            $0.name("workload")
            workload.write(to: &$0)
        }
        return writer.bytes
    }
}

/// A task as the API returns it.
package struct TaskView: Sendable, Equatable {
    package var taskID: String
    package var state: TaskState
    package var guildID: String
    package var amount: Int64
    package var workload: WorkloadSpec
    package var channelID: String?
    package var executorID: String?
    package var result: String?
    package var durationMS: Double?
    package var memoryBytes: Int64?
    /// A short name for the failure, such as `insufficient-balance`.
    package var error: String?
    package var traceID: String?
    package var createdAt: UInt64
    package var updatedAt: UInt64

    package init(
        taskID: String, state: TaskState, guildID: String, amount: Int64, workload: WorkloadSpec,
        channelID: String? = nil, executorID: String? = nil, result: String? = nil, durationMS: Double? = nil,
        memoryBytes: Int64? = nil, error: String? = nil, traceID: String? = nil, createdAt: UInt64, updatedAt: UInt64
    ) {
        self.taskID = taskID
        self.state = state
        self.guildID = guildID
        self.amount = amount
        self.workload = workload
        self.channelID = channelID
        self.executorID = executorID
        self.result = result
        self.durationMS = durationMS
        self.memoryBytes = memoryBytes
        self.error = error
        self.traceID = traceID
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    package func write(to json: inout JSONWriter) {
        json.object {
            $0.member("task_id", taskID)
            $0.member("state", state.rawValue)
            $0.member("guild_id", guildID)
            $0.member("amount", amount)
            $0.name("workload")
            workload.write(to: &$0)
            if let channelID { $0.member("channel_id", channelID) }
            if let executorID { $0.member("executor_id", executorID) }
            if let result { $0.member("result", result) }
            if let durationMS { $0.member("duration_ms", durationMS) }
            if let memoryBytes { $0.member("memory_bytes", memoryBytes) }
            if let error { $0.member("error", error) }
            if let traceID { $0.member("trace_id", traceID) }
            $0.member("created_at", RFC3339.string(nanosecondsSinceEpoch: createdAt))
            $0.member("updated_at", RFC3339.string(nanosecondsSinceEpoch: updatedAt))
        }
    }
}
