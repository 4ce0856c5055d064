import Contracts
import HTTP
import Vocabulary

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
    /// Why it failed; `nil` for a task that has not.
    var failure: Failure?
    var createdAt: UInt64 = 0
    var updatedAt: UInt64 = 0

    /// Payments and executor are asked under keys that follow from the task, so that whoever resumes it asks the same.
    var reservationKey: String { id + ":reserve" }
    var executionKey: String { id + ":execute" }
    var settlementKey: String { id + ":settle" }
    var reservationID: String { "r-" + id }

    /// What the caller was told, kept so that a repeated request is told the same.
    struct Failure: Sendable, Equatable {
        /// A short name, such as `insufficient-balance`.
        let type: String
        let status: HTTPStatus

        init(type: String, status: HTTPStatus) {
            self.type = type
            self.status = status
        }

        init(_ error: any Error) {
            let answer = HTTPError(answering: error)
            self.init(type: answer.type ?? "status-\(answer.status.code)", status: answer.status)
        }

        var httpError: HTTPError {
            HTTPError(status, type: type, message: "this request failed before, and is not carried out again")
        }
    }

    var view: TaskView {
        TaskView(
            taskID: id, state: state, guildID: request.guildID, amount: request.amount, workload: request.workload,
            channelID: channelID, executorID: execution?.executorID, result: execution?.result,
            durationMS: execution?.durationMS, memoryBytes: execution?.memoryBytes, error: failure?.type,
            traceID: carrier["traceparent"].map(HTTP.traceID(inTraceParent:)),
            createdAt: createdAt, updatedAt: updatedAt)
    }
}

extension StoredTask {
    /// What fault rules can ask a queued task for.
    func matchableValue(_ name: String) -> String? {
        switch name {
        case LogField.guildID: request.guildID
        case LogField.taskID: id
        case LogField.workload: request.workload.kind.rawValue
        case LogField.requestID: requestID
        case "mode": mode.rawValue
        default: nil
        }
    }
}
