import EventLoop
import Synchronization

/// Keeps all threads of a pool busy. One occupation at a time: a second request that is hit meanwhile finds it occupied.
final class PoolFaults: Sendable {
    /// How many threads are still held.
    private let held = Atomic(0)

    /// The threads' work is in the pool before this returns, so that the request that was hit waits behind it. It ends
    /// early once nobody wants it any more, so that neither a cleared rule nor a stop has to wait for it.
    func before(_ pool: ThreadPool, _ faults: RequestFaults, on eventLoop: EventLoop) {
        guard let hit = faults.hit(.poolExhaustion) else { return }
        faults.inject(hit)
        let threads = pool.threadCount
        guard held.compareExchange(expected: 0, desired: threads, ordering: .relaxed).exchanged else { return }
        let end = ContinuousClock.now + hit.delay
        let injector = faults.injector
        for _ in 0..<threads {
            Task.immediate(executorPreference: eventLoop) { [self] in
                // A pool that has no room, or is closed, is exhausted as it is.
                try? await pool.run {
                    while ContinuousClock.now < end, injector.isActive {
                        ProcessFaults.block(for: .milliseconds(10))
                    }
                }
                held.wrappingSubtract(1, ordering: .relaxed)
            }
        }
    }
}
