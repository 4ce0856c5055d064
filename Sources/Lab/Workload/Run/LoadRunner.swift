import HTTP
import Synchronization

/// Sends the requests of a plan when they are due, however long answers take (an open loop): a slow service gets no
/// relief, and time spent waiting for a free slot counts as latency.
package struct LoadRunner: Sendable {
    private let plan: LoadPlan
    private let clock: LoadClock
    private let largestDelay: Duration
    private let send: LoadTransport

    /// - Parameter largestDelay: a request that cannot be sent within this time after its due time is dropped.
    package init(
        plan: LoadPlan, clock: LoadClock, largestDelay: Duration = .seconds(30), send: @escaping LoadTransport
    ) {
        self.plan = plan
        self.clock = clock
        self.largestDelay = largestDelay
        self.send = send
    }

    /// The progress of a load.
    package struct State: Sendable {
        /// Requests sent, answered and failed so far.
        package var report: LoadReport
        package var inFlight: Int { report.sent - report.answered - report.failed }
        /// Requests that were answered, failed or dropped.
        package var finished: Int { report.answered + report.failed + report.dropped }
    }

    /// The outcome of one request.
    package struct Outcome: Sendable {
        package var request: PlannedRequest
        /// The answer, or the `error.type` of the failure.
        package var result: Result

        package enum Result: Sendable, Equatable {
            case answer(LoadAnswer)
            case failure(String)
            /// Never sent, because it was too late.
            case dropped
        }
    }

    /// Runs the load on the caller's executor until every request has finished. When the task is cancelled, it stops
    /// sending and returns the report so far.
    /// - Parameters:
    ///   - progress: called after every finished request.
    ///   - outcome: called with every finished request.
    package func run(
        outcome: @escaping @Sendable (Outcome) -> Void = { _ in },
        progress: @escaping @Sendable (State) -> Void = { _ in }
    ) async -> LoadReport {
        let growing = GrowingReport(LoadReport(plan: plan))
        let start = clock.now()
        await withTaskGroup(of: Void.self) { group in
            // Set while due requests had to wait for a free slot; timer jitter does not count.
            var isBehind = false
            for index in 0..<plan.count {
                let due = start + plan.dueTime(of: index)
                // The group also returns, at once, tasks that ended long ago; so the requests in flight are counted
                // here.
                while growing.inFlight >= plan.concurrency {
                    await group.next()
                    isBehind = true
                }
                let delay = clock.now() - due
                if delay <= .zero { isBehind = false }
                if isBehind { growing.report.withLock { $0.late += 1 } }
                do {
                    try await clock.sleepUntil(due)
                } catch {
                    // Only cancellation ends a sleep early.
                    growing.report.withLock { $0.isInterrupted = true }
                    break
                }
                let request = plan.request(at: index)
                guard delay <= largestDelay else {
                    growing.report.withLock { $0.dropped += 1 }
                    outcome(Outcome(request: request, result: .dropped))
                    progress(State(report: growing.report.withLock { $0 }))
                    continue
                }
                growing.report.withLock { $0.sent += 1 }
                group.addTask {
                    let sent = clock.now()
                    let result = await perform(request)
                    let done = clock.now()
                    let state = growing.report.withLock { report in
                        report.record(request, result, latency: done - due, serviceTime: done - sent)
                        report.duration = done - start
                        return State(report: report)
                    }
                    outcome(Outcome(request: request, result: result))
                    progress(state)
                }
            }
            await group.waitForAll()
        }
        return growing.report.withLock { $0 }
    }

    private func perform(_ request: PlannedRequest) async -> Outcome.Result {
        do {
            return .answer(try await send(request))
        } catch let error as HTTPClientError {
            return .failure(error.errorType)
        } catch is CancellationError {
            return .failure("cancelled")
        } catch {
            return .failure("\(type(of: error))")
        }
    }
}

/// The report while it grows.
private final class GrowingReport: Sendable {
    let report: Mutex<LoadReport>
    var inFlight: Int { report.withLock { LoadRunner.State(report: $0).inFlight } }
    init(_ report: LoadReport) { self.report = Mutex(report) }
}

extension LoadReport {
    mutating func record(
        _ request: PlannedRequest, _ result: LoadRunner.Outcome.Result, latency: Duration, serviceTime: Duration
    ) {
        switch result {
        case .answer(let answer):
            answered += 1
            statuses[request.kind, default: [:]][answer.status.code, default: 0] += 1
            if !request.kind.expects(answer.status) { unexpected += 1 }
            if let trace = answer.traceID, trace != request.traceID { wrongTraces += 1 }
        case .failure(let type): errors[type, default: 0] += 1
        case .dropped: dropped += 1
        }
        note(request, result, serviceTime)
        // A failure took time too: leaving it out would make a service look faster the more it times out.
        self.latency.record(latency)
        self.serviceTime.record(serviceTime)
    }
}
