import Encoding
import EventLoop
import HTTP
import Synchronization
import Workload

/// A load that the console sends: one at a time. Safe to use from any thread.
final class Load: Sendable {
    private let gateway: String
    private let token: String?
    private let traffic: Traffic
    private let eventLoop: EventLoop
    private let clock: LoadClock
    private let state = Mutex(State())

    private struct State {
        var work: Task<Void, Never>?
        var plan: LoadPlan?
        var report: LoadReport?
        /// On the clock.
        var start: Duration = .zero
        var length: Duration = .zero
        /// No load is begun any more.
        var isClosed = false
    }

    private static let rates = 0.1...500.0
    private static let lengths = 1.0...3600.0
    /// The runner keeps something of each request until the end.
    private static let mostRequests = 100_000.0

    init(gateway: String, token: String?, traffic: Traffic, eventLoop: EventLoop) {
        self.gateway = gateway
        self.token = token
        self.traffic = traffic
        self.eventLoop = eventLoop
        clock = .monotonic(eventLoop)
    }

    func start(_ request: Request) throws -> Response {
        let body = try ControlBody(request, knows: ["rate", "seconds", "mix"])
        let rate = try body.number("rate", in: Self.rates, default: 3)
        let seconds = try body.number("seconds", in: Self.lengths, default: 60)
        guard rate * seconds <= Self.mostRequests else {
            throw ControlBody.error(
                "expected at most \(Self.mostRequests.shortText) requests, not \((rate * seconds).shortText) "
                    + "('rate' times 'seconds')")
        }
        let plan = try Self.plan(rate, seconds, mix: try body.text("mix") ?? Mix<RequestKind>.usual.description)
        let runner = LoadRunner(
            plan: plan, clock: clock, send: httpTransport(traffic.transport(), baseURL: gateway, token: token))
        try state.withLock { state throws(HTTPError) in
            guard !state.isClosed else { throw .shuttingDown }
            guard state.work == nil else {
                throw HTTPError(.conflict, type: "load-running", message: "a load is running: stop it first")
            }
            state.plan = plan
            state.report = nil
            state.start = clock.now()
            state.length = .milliseconds(Int64(seconds * 1000))
            state.work = Task(executorPreference: eventLoop) {
                let report = await runner.run(progress: { progress in
                    self.state.withLock { $0.report = progress.report }
                })
                self.state.withLock { state in
                    state.report = report
                    state.work = nil
                }
                await self.traffic.flush()
            }
        }
        return response(.accepted)
    }

    private static func plan(_ rate: Double, _ seconds: Double, mix: String) throws(HTTPError) -> LoadPlan {
        do {
            return try LoadPlan(
                seed: UInt64.random(in: .min ... .max), rate: rate,
                limit: .duration(.milliseconds(Int64(seconds * 1000))), mix: try Mix(mix))
        } catch {
            throw ControlBody.error("\(error)")
        }
    }

    /// Ends the load, and returns once its last answer is there.
    func stop() async -> Response {
        let work = state.withLock { $0.work }
        work?.cancel()
        await work?.value
        return response()
    }

    /// Ends the load, and begins none any more.
    func shutdown() async {
        state.withLock { $0.isClosed = true }
        _ = await stop()
    }

    func response(_ status: HTTPStatus = .ok) -> Response {
        let (plan, report, isRunning, rest) = state.withLock { state in
            let rest = state.work == nil ? .zero : max(.zero, state.start + state.length - clock.now())
            return (state.plan, state.report, state.work != nil, rest)
        }
        return .json(status: status) { (json: inout JSONWriter) in
            json.object {
                $0.member("running", isRunning)
                $0.member("rate", plan?.rate ?? 0)
                $0.member("mix", (plan?.mix ?? .usual).description)
                $0.member("sent", report?.sent ?? 0)
                $0.member("answered", report?.answered ?? 0)
                // Without an answer, or with another than the request was meant to get.
                $0.member("failed", report.map { $0.failed + $0.unexpected } ?? 0)
                $0.member("remaining", (rest.seconds * 10).rounded() / 10)
            }
        }
    }
}
