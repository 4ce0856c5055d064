import Contracts
import EventLoop

/// Decides where a workload is computed, and computes it there. Safe to use from any thread.
///
/// Passing a workload to another thread and back costs as much as computing a small one. So a small one is computed
/// on the loop while the pool has an idle thread that could have taken it. While all threads are busy, it waits in the
/// queue like any other, or is refused: whether the pool is busy does not depend on the size of a workload.
struct WorkloadRunner: Sendable {
    enum Place {
        case loop, pool
    }

    let pool: ThreadPool
    /// The estimated number of operations up to which a workload is small; 0 computes everything in the pool.
    let smallWorkload: Int
    let interceptor: (any ThreadPoolInterceptor)?

    /// - Returns: the outcome, and how long the computation alone took.
    /// - Throws: ``ThreadPool/QueueFull`` if all threads are busy and the queue is full.
    func run(_ workload: WorkloadSpec) async throws -> (Workloads.Outcome, Duration) {
        interceptor?.willSubmit(to: pool)
        switch place(of: workload) {
        case .loop: return Self.compute(workload)
        case .pool: return try await pool.run { Self.compute(workload) }
        }
    }

    func place(of workload: WorkloadSpec) -> Place {
        workload.operations <= smallWorkload && pool.hasIdleThread ? .loop : .pool
    }

    private static func compute(_ workload: WorkloadSpec) -> (Workloads.Outcome, Duration) {
        let started = ContinuousClock.now
        return (Workloads.run(workload), ContinuousClock.now - started)
    }
}
