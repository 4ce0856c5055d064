import CLinux
import Glibc
import Synchronization

extension EventLoop {
    /// The loop that runs on the current thread; `nil` on any other thread.
    public static var current: EventLoop? {
        guard let pointer = pthread_getspecific(currentKey) else { return nil }
        return Unmanaged<EventLoop>.fromOpaque(pointer).takeUnretainedValue()
    }

    private static let currentKey: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()

    /// Runs the loop on the calling thread until ``stop()``. A loop can run only once.
    public func run() {
        let (exchanged, _) = owner.compareExchange(
            expected: 0, desired: UInt(pthread_self()), ordering: .sequentiallyConsistent)
        precondition(exchanged, "the event loop \(name) runs already")
        pthread_setspecific(Self.currentKey, Unmanaged.passUnretained(self).toOpaque())
        while !submissions.withLock({ $0.phase == .stopping }) { turn() }
        finish()
        pthread_setspecific(Self.currentKey, nil)
        owner.store(0, ordering: .sequentiallyConsistent)
    }

    /// Runs the loop on a new thread.
    /// - Throws: ``EventLoopError`` if no thread can be created.
    public func start() throws {
        let name = String(decoding: self.name.utf8.prefix(15), as: UTF8.self)
        let handle = try Thread.start(name: name) { self.run() }
        thread.withLock { $0 = handle }
    }

    /// Stops the loop after previously submitted work has run, and waits for the thread of ``start()`` to end, unless
    /// called on that thread. Sleeping tasks are woken with `CancellationError`; later Swift jobs go to the global
    /// executor. Thread-safe; a second call does nothing.
    public func stop() {
        submissions.withLock { if $0.phase == .running { $0.phase = .stopping } }
        wake()
        guard let handle = thread.withLock({ $0.take() }) else { return }
        if inEventLoop { pthread_detach(handle) } else { pthread_join(handle, nil) }
    }

    private func turn() {
        runWork()
        runTimers()
        let isBusy = endTurn()
        if work.isEmpty || turnsWithoutWait >= 64 {
            turnsWithoutWait = 0
            for hook in waitHooks { hook() }
        }
        poll(for: work.isEmpty && !isBusy ? timers.nextDelay() : 0)
    }

    /// Runs the timers that are due. A timer created meanwhile waits for the next turn, even if it is due at once.
    private func runTimers() {
        guard !timers.isEmpty else { return }
        let (now, last) = (MonotonicClock.now, timers.lastSequence)
        while let work = timers.popDue(at: now, until: last) { work() }
    }

    /// Work submitted before the end is completed. What remains after many rounds belongs to tasks that never stop
    /// yielding.
    private func finish() {
        for _ in 0..<1000 {
            runWork()
            for abandon in timers.abandonAll() { abandon() }
            _ = endTurn()
            let ended = submissions.withLock { queue in
                guard queue.work.isEmpty, work.isEmpty, outputs.isEmpty, commits.isEmpty else { return false }
                queue.phase = .ended
                return true
            }
            if ended { break }
        }
        for hook in waitHooks { hook() }
        submissions.withLock {
            $0.phase = .ended
            work += $0.work
            $0.work = []
        }
        for item in work { if case .job(let job) = item { globalConcurrentExecutor.enqueue(job) } }
        work = []
        waitHooks = []
    }

    /// Waits at most `delay` nanoseconds, or without limit if `nil`, and handles the ready descriptors.
    private func poll(for delay: Int64?) {
        var delay = delay
        if delay != 0 {
            submissions.withLock {
                if $0.work.isEmpty, $0.phase == .running { $0.loopWaits = true } else { delay = 0 }
            }
        }
        turnsWithoutWait = delay == 0 ? turnsWithoutWait + 1 : 0
        let count = wait(delay)
        guard count > 0 else { return }
        for index in 0..<Int(count) {
            let tag = events[index].data.u64
            if tag != Watch.wakeUpTag { deliver(events[index].events, tag: tag) }
        }
    }

    private func wait(_ delay: Int64?) -> Int32 {
        guard let delay else { return epoll_wait(epoll, events, Int32(Self.eventsPerTurn), -1) }
        guard delay > 0 else { return epoll_wait(epoll, events, Int32(Self.eventsPerTurn), 0) }
        var time = timespec(tv_sec: Int(delay / 1_000_000_000), tv_nsec: Int(delay % 1_000_000_000))
        let count = epoll_pwait2(epoll, events, Int32(Self.eventsPerTurn), &time, nil)
        if count < 0, errno == ENOSYS || errno == EPERM {
            // Kernels before 5.11, or sandboxes without this call, only support whole milliseconds; rounded up.
            let milliseconds = min((delay + 999_999) / 1_000_000, Int64(Int32.max))
            return epoll_wait(epoll, events, Int32(Self.eventsPerTurn), Int32(milliseconds))
        }
        return count
    }
}
