import Glibc
import Synchronization

/// Threads for work that blocks or computes, with a bounded queue: what does not fit is refused at once, so that a
/// caller can say so (HTTP 503) instead of letting a backlog grow.
///
/// Task-local values are not visible to the work; take what it needs along.
public final class ThreadPool: Sendable {
    /// The queue had no room.
    public struct QueueFull: Error, Sendable, Equatable, CustomStringConvertible {
        /// How many may wait.
        public let capacity: Int
        /// What happened.
        public var description: String { "the queue is full (\(capacity) waiting)" }
    }

    /// The pool was shut down before the work began.
    public struct Stopped: Error, Sendable, Equatable, CustomStringConvertible {
        /// What happened.
        public var description: String { "the thread pool is shut down" }
    }

    /// The name of the threads, a number is added.
    public let name: String
    /// How many threads there are.
    public let threadCount: Int
    /// How many pieces of work may wait for a thread.
    public let queueCapacity: Int

    private struct State {
        var queue: [Job] = []
        /// The place of the queue's first job: those before it have been taken.
        var head = 0
        var active = 0
        var threads: Int
        var stopping = false
        var waiters: [UnsafeContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>
    private let available = Semaphore()

    /// Creates a pool and starts its threads.
    /// - Parameters:
    ///   - name: for the threads; Linux keeps 15 bytes.
    ///   - threads: at least 1.
    ///   - queueCapacity: how many may wait, besides those being run; 0 refuses all that finds no idle thread.
    /// - Throws: ``EventLoopError`` if a thread cannot be had.
    public init(name: String, threads: Int, queueCapacity: Int) throws {
        precondition(threads > 0, "a thread pool needs a thread")
        self.name = name
        threadCount = threads
        self.queueCapacity = queueCapacity
        state = Mutex(State(threads: threads))
        for index in 0..<threads {
            do {
                pthread_detach(try Thread.start(name: "\(name)-\(index)") { self.work() })
            } catch {
                state.withLock {
                    $0.threads = index
                    $0.stopping = true
                }
                for _ in 0..<index { available.signal() }
                throw error
            }
        }
    }

    /// How many wait for a thread.
    public var queueDepth: Int { state.withLock { max($0.queue.count - $0.head + $0.active - threadCount, 0) } }

    /// How many are being run.
    public var activeCount: Int { state.withLock { min($0.queue.count - $0.head + $0.active, threadCount) } }

    /// Runs `body` on a thread of the pool and comes back to the caller's executor.
    /// - Throws: what `body` throws; ``QueueFull``; ``Stopped``; `CancellationError` if the task is cancelled before
    ///   `body` began. A body that runs is not interrupted.
    public func run<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        let job = Job()
        return try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { (continuation: UnsafeContinuation<T, any Error>) in
                let pending = job.set { outcome in
                    switch outcome {
                    case .run:
                        let result = Result(catching: body)
                        return { continuation.resume(with: result) }
                    case .refuse(let error):
                        return { continuation.resume(throwing: error) }
                    }
                }
                guard pending else { return }
                if let error = add(job) { job.finish(.refuse(error))?() }
            }
        } onCancel: {
            remove(job)
            job.cancel()
        }
    }

    /// Refuses further work, lets what was accepted finish and the threads end. May be called more than once.
    public func shutdown() async {
        await withUnsafeContinuation { continuation in
            let (done, wake) = state.withLock { state in
                let wake = state.stopping ? 0 : state.threads
                state.stopping = true
                if state.threads > 0 { state.waiters.append(continuation) }
                return (state.threads == 0, wake)
            }
            for _ in 0..<wake { available.signal() }
            if done { continuation.resume() }
        }
    }

    private func add(_ job: Job) -> (any Error)? {
        let error: (any Error)? = state.withLock { state in
            if state.stopping { return Stopped() }
            let idle = threadCount - state.active
            if state.queue.count - state.head >= queueCapacity + idle { return QueueFull(capacity: queueCapacity) }
            state.queue.append(job)
            return nil
        }
        if error == nil { available.signal() }
        return error
    }

    private func remove(_ job: Job) {
        state.withLock { state in
            guard let index = state.queue[state.head...].firstIndex(where: { $0 === job }) else { return }
            state.queue.remove(at: index)
        }
    }

    /// A thread's life. A signal may find the queue empty: its job was cancelled, or the pool is stopping.
    private func work() {
        while true {
            available.wait()
            let (job, stopping) = state.withLock { state -> (Job?, Bool) in
                guard state.head < state.queue.count else { return (nil, state.stopping) }
                let job = state.queue[state.head]
                state.head += 1
                if state.head == state.queue.count || state.head >= 1024 {
                    state.queue.removeFirst(state.head)
                    state.head = 0
                }
                state.active += 1
                return (job, state.stopping)
            }
            if let job {
                let resume = job.finish(.run)
                // First the count, then the caller: it must find the thread idle.
                state.withLock { $0.active -= 1 }
                resume?()
            } else if stopping {
                break
            }
        }
        let waiters = state.withLock { state in
            state.threads -= 1
            guard state.threads == 0 else { return [UnsafeContinuation<Void, Never>]() }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// One piece of work; whoever comes first (a thread, or cancellation) ends it.
    private final class Job: Sendable {
        enum Outcome {
            case run
            case refuse(any Error)
        }

        /// Does the work, or not, and returns what tells the caller.
        typealias Body = @Sendable (Outcome) -> () -> Void

        private enum State {
            case new, cancelled, ready(Body), over
        }

        private let state = Mutex(State.new)

        /// Returns whether the work is still wanted.
        func set(_ body: @escaping Body) -> Bool {
            let cancelled = state.withLock { state in
                if case .cancelled = state {
                    state = .over
                    return true
                }
                state = .ready(body)
                return false
            }
            if cancelled { body(.refuse(CancellationError()))() }
            return !cancelled
        }

        func finish(_ outcome: Outcome) -> (() -> Void)? {
            let body = state.withLock { state -> Body? in
                guard case .ready(let body) = state else { return nil }
                state = .over
                return body
            }
            return body?(outcome)
        }

        func cancel() {
            let isNew = state.withLock { state in
                guard case .new = state else { return false }
                state = .cancelled
                return true
            }
            if !isNew { finish(.refuse(CancellationError()))?() }
        }
    }

    /// A POSIX semaphore; `pthread_cond_t` cannot be paired with `Mutex`. Unchecked: the kernel guards the semaphore, and its
    /// address never changes.
    private final class Semaphore: @unchecked Sendable {
        private let handle = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
        init() { sem_init(handle, 0, 0) }
        deinit {
            sem_destroy(handle)
            handle.deallocate()
        }
        func signal() { sem_post(handle) }
        func wait() { while sem_wait(handle) != 0 {} }
    }
}
