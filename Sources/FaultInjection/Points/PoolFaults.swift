import EventLoop
import Synchronization
import Tracing

/// Keeps all threads of a pool busy. One occupation at a time: a second request that is hit meanwhile finds it occupied.
final class PoolFaults: Sendable {
    private let isOccupied = Atomic(false)

    func before(_ pool: ThreadPool, _ faults: RequestFaults, on eventLoop: EventLoop) {
        guard let hit = faults.hit(.poolExhaustion) else { return }
        faults.inject(hit)
        guard isOccupied.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged else { return }
        let duration = hit.delay
        Task(executorPreference: eventLoop) { [self] in
            await withTaskGroup { group in
                for _ in 0..<pool.threadCount {
                    group.addTask {
                        // A pool that has no room, or is closed, is exhausted as it is.
                        try? await pool.run { ProcessFaults.block(for: duration) }
                    }
                }
            }
            isOccupied.store(false, ordering: .relaxed)
        }
    }
}
