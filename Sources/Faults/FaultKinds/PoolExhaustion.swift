import EventLoop
import FaultRules
import Synchronization
import Vocabulary

extension FaultDefinition {
    /// Keeps all threads of a pool busy, so the request that was hit has to wait.
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

/// Only one at a time: a second request that is hit meanwhile finds the pool already occupied.
private final class Occupation: Sendable {
    /// How many threads are still held.
    private let held = Atomic(0)

    /// Queues the threads' work in the pool before it returns. The work ends early when the rules are removed, so
    /// neither a cleared rule nor a shutdown has to wait for it.
    func begin(_ pool: ThreadPool, _ fault: FaultOccurrence) {
        let threads = pool.threadCount
        guard held.compareExchange(expected: 0, desired: threads, ordering: .relaxed).exchanged else { return }
        let end = ContinuousClock.now + fault.delay
        for _ in 0..<threads {
            Task.immediate(executorPreference: fault.eventLoop) { [self] in
                // A pool that is full or closed is already exhausted.
                try? await pool.run {
                    while ContinuousClock.now < end, fault.isWanted { fault.block(for: .milliseconds(10)) }
                }
                held.wrappingSubtract(1, ordering: .relaxed)
            }
        }
    }
}
