import Contracts
import EventLoop
import Synchronization
import Testing
import Vocabulary

@testable import Executor

@Suite("Where workloads are computed")
struct WorkloadRunnerTests {
    private static let small = WorkloadSpec(kind: .sort, size: 10)
    private static let large = WorkloadSpec(kind: .sort, size: 100_000)

    /// Counts what is submitted.
    private final class Watcher: ThreadPoolInterceptor {
        let count = Atomic(0)
        func willSubmit(to pool: ThreadPool) { count.add(1, ordering: .relaxed) }
    }

    @Test("The same bound admits more of what is cheap")
    func theBoundFollowsTheCost() {
        func admits(_ kind: WorkloadSpec.Kind, _ size: Int64) -> Bool {
            WorkloadSpec(kind: kind, size: size).operations <= 20_000
        }
        #expect(admits(.primes, 10_000) && !admits(.primes, 11_000))
        #expect(admits(.sort, 900) && !admits(.sort, 1100))
        #expect(admits(.mandelbrot, 500) && !admits(.mandelbrot, 600))
        #expect(admits(.sha256, 76) && !admits(.sha256, 80))
    }

    @Test("A small workload is computed on the loop, and a large one in the pool")
    func sizeDecides() async throws {
        let pool = try ThreadPool(name: "test", threads: 1, queueCapacity: 0)
        let watcher = Watcher()
        let runner = WorkloadRunner(pool: pool, smallWorkload: 20_000, interceptor: watcher)
        #expect(runner.place(of: Self.small) == .loop)
        #expect(runner.place(of: Self.large) == .pool)
        #expect(WorkloadRunner(pool: pool, smallWorkload: 0, interceptor: nil).place(of: Self.small) == .pool)
        for workload in [Self.small, Self.large] {
            #expect(try await runner.run(workload).0 == Workloads.run(workload))
        }
        // The seam where faults apply is the same for both.
        #expect(watcher.count.load(ordering: .relaxed) == 2)
        await pool.shutdown()
        #expect(runner.place(of: Self.small) == .pool)
    }

    @Test("A small workload waits in the queue while all threads are busy, or is refused")
    func aBusyPoolTakesSmallWorkloadsToo() async throws {
        let pool = try ThreadPool(name: "test", threads: 1, queueCapacity: 0)
        let runner = WorkloadRunner(pool: pool, smallWorkload: 20_000, interceptor: nil)
        let gate = Mutex(false)
        let busy = Task.immediate {
            try await pool.run { while !gate.withLock({ $0 }) {} }
        }
        #expect(runner.place(of: Self.small) == .pool)
        await #expect(throws: ThreadPool.QueueFull.self) { try await runner.run(Self.small) }
        gate.withLock { $0 = true }
        try await busy.value
        #expect(runner.place(of: Self.small) == .loop)
        await pool.shutdown()
    }
}
