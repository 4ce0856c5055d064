import Contracts

/// A task as the database has it.
struct StoredTask: Sendable {
    let id: String
    let request: CreateTaskRequest
    let mode: TaskMode
    let idempotencyKey: String
    let requestID: String
    /// What a propagator wrote when the task was stored: its `traceparent` and friends.
    var carrier: [String: String] = [:]
    var state: TaskState = .created
    var channelID: String?
    var execution: Execution?
    var error: String?
    var createdAt: UInt64 = 0
    var updatedAt: UInt64 = 0

    /// Payments and executor are asked under keys that follow from the task, so that whoever resumes it asks the same.
    var reservationKey: String { id + ":reserve" }
    var executionKey: String { id + ":execute" }
    var settlementKey: String { id + ":settle" }
    var reservationID: String { "r-" + id }

    var view: TaskView {
        TaskView(
            taskID: id, state: state, guildID: request.guildID, amount: request.amount, workload: request.workload,
            channelID: channelID, executorID: execution?.executorID, result: execution?.result,
            durationMS: execution?.durationMS, memoryBytes: execution?.memoryBytes, error: error,
            traceID: carrier["traceparent"].map { String($0.dropFirst(3).prefix(32)) }, createdAt: createdAt,
            updatedAt: updatedAt)
    }
}
