import Contracts
import EventLoop
import Synchronization

extension FaultDefinition {
    /// Keeps all threads of a pool busy, so that the request that was hit waits behind them.
    static let poolExhaustion = FaultDefinition(
        "pool-exhaustion", .process, services: [.executor], argument: .duration(default: .seconds(5)),
        longest: .seconds(60),
        summary: "keeps every thread of the executor's pool busy",
        .pool { fault, pool in
            fault.inject()
            fault.kept(Occupation.init).begin(pool, fault)
        })
}

extension FaultKind { package static let poolExhaustion = FaultDefinition.poolExhaustion.kind }

/// One at a time: a second request that is hit meanwhile finds the pool occupied.
private final class Occupation: Sendable {
    /// How many threads are still held.
    private let held = Atomic(0)

    /// The threads' work is in the pool before this returns. It ends early once nobody wants it any more, so that neither a
    /// cleared rule nor a stop has to wait for it.
    func begin(_ pool: ThreadPool, _ fault: FaultOccurrence) {
        let threads = pool.threadCount
        guard held.compareExchange(expected: 0, desired: threads, ordering: .relaxed).exchanged else { return }
        let end = ContinuousClock.now + fault.delay
        for _ in 0..<threads {
            Task.immediate(executorPreference: fault.eventLoop) { [self] in
                // A pool that has no room, or is closed, is exhausted as it is.
                try? await pool.run {
                    while ContinuousClock.now < end, fault.isWanted { fault.block(for: .milliseconds(10)) }
                }
                held.wrappingSubtract(1, ordering: .relaxed)
            }
        }
    }
}
