import HTTP
import Synchronization
import Workload

/// The requests sent and finished so far. Safe to use from any thread.
final class RunningRecord: Sendable {
    private struct State {
        var sent: Set<Int> = []
        var done: [Int: IncidentRun.PlannedOutcome] = [:]
    }

    private let plan: LoadPlan
    private let state = Mutex(State())

    init(_ plan: LoadPlan) { self.plan = plan }

    func sends(_ index: Int) { state.withLock { _ = $0.sent.insert(index) } }

    func add(_ outcome: LoadRunner.Outcome) {
        let request = outcome.request
        var result = IncidentRun.PlannedOutcome(
            request: request, at: IncidentRun.offset(request.index, plan), isAsPlanned: false)
        switch outcome.result {
        case .answer(let answer):
            result.status = answer.status.code
            result.isAsPlanned = request.kind.expects(answer.status)
        case .failure(let type): result.error = type
        case .dropped: break
        }
        state.withLock { $0.done[request.index] = result }
    }

    /// Whether every request that is due before `time` was sent.
    func isSent(before time: Duration) -> Bool {
        state.withLock { state in
            indexes(before: time).allSatisfy { state.sent.contains($0) || state.done[$0] != nil }
        }
    }

    /// Whether every request that is due before `time` has finished.
    func isDone(before time: Duration) -> Bool {
        state.withLock { state in indexes(before: time).allSatisfy { state.done[$0] != nil } }
    }

    private func indexes(before time: Duration) -> some Sequence<Int> {
        (0..<plan.count).lazy.prefix { self.plan.dueTime(of: $0) < time }
    }

    /// Checks that the run's tasks are new. A task that was carried out before is answered 200 from memory, a new one
    /// 201. An occasional 200 is an attempt that the gateway made twice; mostly 200s mean that nothing has happened at
    /// all.
    /// - Throws: ``IncidentError`` if most were answered from memory.
    func expectFresh(run number: Int) throws(IncidentError) {
        let answered = outcomes.filter { $0.request.kind == .sync && $0.isAsPlanned }
        let repeated = answered.count { $0.status == 200 }
        guard repeated * 2 > answered.count else { return }
        throw IncidentError(
            "\(repeated) of \(answered.count) tasks were answered from memory: this environment has played run \(number) of "
                + "this seed before; expected another --run")
    }

    var outcomes: [IncidentRun.PlannedOutcome] {
        state.withLock { $0.done.values.sorted { $0.request.index < $1.request.index } }
    }
}

/// The metrics of a run in progress. Safe to use from any thread.
final class MetricRecorder: Sendable {
    private let increases = Mutex(MetricIncreases())

    var value: MetricIncreases { increases.withLock { $0 } }

    func change(_ body: (inout MetricIncreases) -> Void) { increases.withLock { body(&$0) } }
}
