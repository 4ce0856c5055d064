import Contracts
import EventLoop
import HTTP
import Logging
import Tracing
import Vocabulary

/// Drives a task from `created` to its end: hold the amount, compute, capture. On a failure, releases the amount.
///
/// Every step uses a key derived from the task and is safe to repeat, so a task interrupted by a crash is simply run
/// again.
struct TaskSaga: Sendable {
    let store: TaskStore
    let payments: PaymentsClient
    let executor: ExecutorClient
    let eventLoop: EventLoop
    let logger: Logger

    /// - Returns: the settled task.
    /// - Throws: the error that made the task fail, after it has been stored and compensated. If the compensation
    ///   fails too, the task stays unfinished and is retried later.
    func run(_ task: StoredTask) async throws -> StoredTask {
        var task = task
        let reservation: Reservation
        do {
            reservation = try await payments.reserve(
                ReservationRequest(guildID: task.request.guildID, taskID: task.id, amount: task.request.amount),
                idempotencyKey: task.reservationKey)
        } catch {
            // If the commit of the task failed, the call was never sent, and there is nothing to abandon.
            if store.isLost(task.id) { throw TaskStore.NotStored(id: task.id) }
            if !isLeftForTheNextStart(task) {
                try await abandon(&task, because: error, wasHeld: !isRefusal(error))
            }
            throw error
        }
        task.channelID = reservation.channelID
        if reservation.state == .held {
            try store.update(&task, to: .reserved)
            do {
                try await computeAndSettle(&task)
            } catch {
                if !isLeftForTheNextStart(task) { try await abandon(&task, because: error, wasHeld: true) }
                throw error
            }
        } else if task.execution == nil {
            // The previous process was paid but ended before it stored the result. Computing it again gives the same
            // result.
            try await compute(&task)
        }
        try store.update(&task, to: .settled)
        logger.info("task settled", metadata: fields(task))
        return task
    }

    /// A queued task whose worker is stopping has not failed: it keeps its state.
    private func isLeftForTheNextStart(_ task: StoredTask) -> Bool { task.mode == .async && Task.isCancelled }

    private func compute(_ task: inout StoredTask) async throws {
        task.execution = try await executor.execute(
            ExecutionRequest(taskID: task.id, workload: task.request.workload), idempotencyKey: task.executionKey)
    }

    private func computeAndSettle(_ task: inout StoredTask) async throws {
        try store.update(&task, to: .executing)
        try await compute(&task)
        try await payments.settle(
            SettlementRequest(reservationID: task.reservationID), idempotencyKey: task.settlementKey)
    }

    /// - Parameter wasHeld: whether the amount is or may be held. A missing answer proves nothing.
    private func abandon(_ task: inout StoredTask, because error: any Error, wasHeld: Bool) async throws {
        task.failure = StoredTask.Failure(error)
        var state = TaskState.failed
        if wasHeld {
            state = try await release(&task)
        }
        if state == .settled {
            task.failure = nil
            try store.update(&task, to: .settled)
            return
        }
        try store.update(&task, to: state)
        logger.warning(
            state == .compensated ? "task compensated" : "task failed", error: error, metadata: fields(task))
    }

    /// Releases the amount and returns the resulting task state.
    private func release(_ task: inout StoredTask) async throws -> TaskState {
        // The caller may be gone or its deadline may have passed; the amount must be released anyway.
        var context = ServiceContext.current ?? .topLevel
        context.deadline = nil
        let id = task.reservationID
        let release = ServiceContext.withValue(context) {
            Task(executorPreference: eventLoop) { try await payments.release(id) }
        }
        do {
            let reservation = try await release.value
            task.channelID = reservation.channelID.isEmpty ? nil : reservation.channelID
            return reservation.amount > 0 ? .compensated : .failed
        } catch let error as HTTPError where error.status == .notFound {
            return .failed
        } catch let error as HTTPError where error.status == .conflict {
            // The amount was captured after all; only the answer was lost.
            return .settled
        }
    }

    /// Whether payments refused, so that certainly nothing is held.
    private func isRefusal(_ error: any Error) -> Bool {
        (error as? HTTPError)?.status.isClientError ?? false
    }

    private func fields(_ task: StoredTask) -> Logger.Metadata {
        var fields: Logger.Metadata = [
            LogField.component: "saga", LogField.taskID: .string(task.id), LogField.state: .string(task.state.rawValue),
            LogField.guildID: .string(task.request.guildID), LogField.amount: .integer(task.request.amount),
            LogField.workload: .string(task.request.workload.kind.rawValue),
        ]
        if let channelID = task.channelID { fields[LogField.channelID] = .string(channelID) }
        if let execution = task.execution { fields[LogField.executorID] = .string(execution.executorID) }
        return fields
    }
}
