import CLinux
import Glibc
import Synchronization

extension EventLoop {
    enum Work {
        case job(UnownedJob)
        case closure(@Sendable () -> Void)
    }

    enum Phase {
        case running, stopping, ended
    }

    /// Work submitted by other threads, taken as a whole once per turn.
    struct Submissions {
        var work: [Work] = []
        /// Set when the loop is about to wait, and cleared by the thread that wakes it, so only the first submission
        /// costs a system call.
        var loopWaits = false
        var phase = Phase.running
    }

    /// Runs `work` on the loop, in order of submission. Thread-safe.
    /// - Returns: `false` if the loop has ended and `work` will never run.
    @discardableResult
    public func submit(_ work: @escaping @Sendable () -> Void) -> Bool { add(.closure(work)) }

    /// Runs a Swift job on the loop, or on the global executor once the loop has ended. Thread-safe.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if !add(.job(job)) { globalConcurrentExecutor.enqueue(job) }
    }

    /// Runs `body` on the loop and returns its result; immediately if the caller is on the loop.
    /// - Throws: any error of `body`; `CancellationError` if the loop has ended.
    package func perform<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        if inEventLoop { return try body() }
        return try await withCheckedThrowingContinuation { continuation in
            let accepted = submit { continuation.resume(with: Result(catching: body)) }
            if !accepted { continuation.resume(throwing: CancellationError()) }
        }
    }

    private func add(_ item: Work) -> Bool {
        if inEventLoop {
            work.append(item)
            return true
        }
        var mustWake = false
        let accepted = submissions.withLock { queue in
            guard queue.phase != .ended else { return false }
            queue.work.append(item)
            mustWake = queue.loopWaits
            queue.loopWaits = false
            return true
        }
        if mustWake { wake() }
        return accepted
    }

    func wake() {
        // Fails only if 2^64 wake-ups are outstanding, in which case the descriptor is readable anyway.
        eventfd_write(wakeUp, 1)
    }

    /// Runs the work that is queued at the start. Work added meanwhile waits for the next turn.
    func runWork() {
        swap(&work, &batch)
        submissions.withLock { queue in
            queue.loopWaits = false
            if !queue.work.isEmpty {
                if batch.isEmpty { swap(&batch, &queue.work) } else { batch += queue.work }
                queue.work.removeAll(keepingCapacity: true)
            }
        }
        guard !batch.isEmpty else { return }
        let executor = asUnownedTaskExecutor()
        for index in batch.indices {
            switch batch[index] {
            case .job(let job): job.runSynchronously(on: executor)
            case .closure(let closure): closure()
            }
        }
        batch.removeAll(keepingCapacity: true)
    }
}
