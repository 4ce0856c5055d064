import Glibc
import Synchronization

/// A pool of threads for blocking or CPU-heavy work, with a bounded queue. Work that does not fit is refused at once,
/// so a caller can report it (HTTP 503) instead of building up a backlog.
///
/// The work does not see task-local values; pass in whatever it needs.
public final class ThreadPool: Sendable {
    /// The queue was full.
    public struct QueueFull: Error, Sendable, Equatable, CustomStringConvertible {
        /// The capacity of the queue.
        public let capacity: Int
        /// The error in a few words.
        public var description: String { "the queue is full (\(capacity) waiting)" }
    }

    /// The pool was shut down before the work started.
    public struct Stopped: Error, Sendable, Equatable, CustomStringConvertible {
        /// The error in a few words.
        public var description: String { "the thread pool is shut down" }
    }

    /// The name of the threads, to which a number is appended.
    public let name: String
    /// The number of threads.
    public let threadCount: Int
    /// The maximum number of jobs that wait for a thread.
    public let queueCapacity: Int

    private struct State {
        var queue: [Job] = []
        /// The index of the queue's first job; the jobs before it have been taken.
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
    ///   - name: the name of the threads; Linux keeps 15 bytes.
    ///   - threads: at least 1.
    ///   - queueCapacity: the maximum number of waiting jobs, besides running ones; 0 refuses every job that finds no
    ///     idle thread.
    /// - Throws: ``EventLoopError`` if a thread cannot be created.
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

    /// The number of jobs that wait for a thread.
    public var queueDepth: Int { state.withLock { max($0.queue.count - $0.head + $0.active - threadCount, 0) } }

    /// The number of running jobs.
    public var activeCount: Int { state.withLock { min($0.queue.count - $0.head + $0.active, threadCount) } }

    /// Whether a job submitted now would start at once.
    package var hasIdleThread: Bool {
        state.withLock { !$0.stopping && $0.queue.count - $0.head + $0.active < threadCount }
    }

    /// Runs `body` on a thread of the pool, then resumes on the caller's executor.
    /// - Throws: any error of `body`; ``QueueFull``; ``Stopped``; `CancellationError` if the task is cancelled before
    ///   `body` starts. A running body is not interrupted.
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

    /// Refuses further work, and waits until accepted work and the threads have finished. May be called more than once.
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

    /// The main function of a thread. The queue may be empty after a signal, if the job was cancelled or the pool is
    /// stopping.
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
                // Update the count before resuming the caller, who must see an idle thread.
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

    /// One piece of work. Whichever comes first, a thread or a cancellation, ends it.
    private final class Job: Sendable {
        enum Outcome {
            case run
            case refuse(any Error)
        }

        /// Performs the work, or not, and returns a closure that resumes the caller.
        typealias Body = @Sendable (Outcome) -> () -> Void

        private enum State {
            case new, cancelled, ready(Body), over
        }

        private let state = Mutex(State.new)

        /// Returns `false` if the work was cancelled meanwhile.
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

    /// A POSIX semaphore, because `pthread_cond_t` cannot be combined with `Mutex`. Unchecked: the kernel guards the
    /// semaphore, and its address never changes.
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
