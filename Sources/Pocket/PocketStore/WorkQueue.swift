import Glibc

/// A bounded queue between tasks and threads that block on it.
///
/// `@unchecked Sendable`: `jobs` and `isClosed` are only touched while `mutex` is held.
final class WorkQueue<Job: Sendable>: @unchecked Sendable {
    /// POSIX requires stable addresses for a mutex and a condition, so both are allocated once.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let limit: Int
    private var jobs: [Job] = []
    private var isClosed = false

    init(limit: Int) {
        self.limit = limit
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// The result of adding a job.
    enum Admission {
        case accepted
        case full
        case closed
    }

    func push(_ job: Job) -> Admission {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if isClosed { return .closed }
        if jobs.count >= limit { return .full }
        jobs.append(job)
        pthread_cond_signal(condition)
        return .accepted
    }

    /// The number of waiting jobs.
    var count: Int {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return jobs.count
    }

    /// Waits for jobs and takes at most `maximum`, oldest first; `nil` once the queue is closed and empty.
    func next(_ maximum: Int) -> [Job]? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while jobs.isEmpty {
            if isClosed { return nil }
            pthread_cond_wait(condition, mutex)
        }
        if jobs.count <= maximum {
            defer { jobs = [] }
            return jobs
        }
        let taken = Array(jobs.prefix(maximum))
        jobs.removeFirst(maximum)
        return taken
    }

    /// Rejects further jobs; those accepted before are still returned.
    func close() {
        pthread_mutex_lock(mutex)
        isClosed = true
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }
}

/// Starts threads for blocking work.
enum WorkThread {
    private final class Start {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Runs `body` on a new detached thread named `name` (at most 15 characters are kept).
    static func start(name: String, _ body: @escaping @Sendable () -> Void) throws {
        let start = Start {
            setName(name)
            body()
        }
        var thread = pthread_t()
        let context = Unmanaged.passRetained(start)
        let code = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, context.toOpaque())
        guard code == 0 else {
            context.release()
            throw PocketDatabaseError.threadFailed(String(cString: strerror(code)))
        }
        pthread_detach(thread)
    }

    /// `pthread_setname_np` is a GNU extension that Swift does not see; the kernel offers the same through a file.
    private static func setName(_ name: String) {
        let descriptor = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        // The name only helps people who watch the process: a failure has no consequences.
        _ = write(descriptor, name, name.utf8.count)
    }
}
