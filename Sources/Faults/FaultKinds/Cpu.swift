import FaultRules
import Glibc

extension FaultDefinition {
    /// Keeps the event loop, which serves all requests, busy.
    static let cpu = FaultDefinition(
        "cpu", .process, argument: .duration(default: .milliseconds(50)), longest: .seconds(10),
        summary: "computes for nothing, on the loop that serves all requests",
        .beforeHandling { fault in
            compute(fault)
            return nil
        },
        .beforeMessage { compute($0) })
}

extension FaultKind { package static let cpu = FaultDefinition.cpu.kind }

private func compute(_ fault: FaultOccurrence) {
    fault.inject()
    // Measured in the thread's own CPU time, so other threads do not count.
    let end = threadTime() + fault.delay
    var value: UInt64 = 88_172_645_463_325_252
    while threadTime() < end {
        for _ in 0..<1000 {
            value ^= value << 13
            value ^= value >> 7
            value ^= value << 17
        }
    }
    // Keeps the optimiser from removing the loop.
    precondition(value != 0)
}

private func threadTime() -> Duration {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
}
