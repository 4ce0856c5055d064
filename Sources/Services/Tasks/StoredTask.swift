import Contracts
import Encoding
import HTTP
import Messaging
import Vocabulary

/// A task as stored in the database.
struct StoredTask: Sendable {
    let id: String
    let request: CreateTaskRequest
    let mode: TaskMode
    let idempotencyKey: String
    let requestID: String
    /// The fields written by the propagator when the task was stored: its `traceparent` and related fields.
    var carrier: [String: String] = [:]
    var state: TaskState = .created
    var channelID: String?
    var execution: Execution?
    /// Why the task failed; `nil` if it has not failed.
    var failure: Failure?
    var createdAt: UInt64 = 0
    var updatedAt: UInt64 = 0

    /// The keys for payments and executor are derived from the task id, so a resumed task repeats the same requests.
    var reservationKey: String { id + ":reserve" }
    var executionKey: String { id + ":execute" }
    var settlementKey: String { id + ":settle" }
    var reservationID: String { "r-" + id }

    /// The failure reported to the caller, kept so that a repeated request gets the same answer.
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
            traceID: carrier[Header.traceParent].map(HTTP.traceID(inTraceParent:)),
            createdAt: createdAt, updatedAt: updatedAt)
    }
}

extension StoredTask {
    /// Creates a task from a request. Without an `Idempotency-Key`, the task gets a unique key.
    /// - Throws: ``HTTPError`` 400 or 422 for an invalid request.
    init(_ request: Request, requestID: String, randomUInt64: () -> UInt64) throws {
        let body = try CreateTaskRequest(request)
        let mode = try TaskMode(request)
        let key = request.headers[Header.idempotencyKey] ?? "auto-" + Hex.string(randomUInt64())
        self.init(
            id: "t-" + Hex.string(randomUInt64()), request: body, mode: mode, idempotencyKey: key, requestID: requestID)
    }

    /// Returns the task as the answer to a repeated key: the original answer, failures included.
    /// - Throws: ``HTTPError`` 422 if the key was used for a different request, 409 while the task is in progress.
    func repeated(for request: CreateTaskRequest) throws -> StoredTask {
        guard self.request == request else {
            throw HTTPError(
                .unprocessableContent, type: "idempotency-key-reused",
                message: "the Idempotency-Key was used for another request")
        }
        if mode == .async { return self }
        if let failure { throw failure.httpError }
        guard state.isFinal else {
            throw HTTPError(
                .conflict, type: "request-in-progress",
                message: "a request with this Idempotency-Key is still being carried out",
                headers: [Header.retryAfter: "1"])
        }
        return self
    }
}

extension StoredTask: QueuedMessage {
    var operation: String { "process-task" }

    func value(forKey key: String) -> String? {
        switch key {
        case LogField.guildID: request.guildID
        case LogField.taskID: id
        case LogField.workload: request.workload.kind.rawValue
        case LogField.requestID: requestID
        case "mode": mode.rawValue
        default: nil
        }
    }
}
