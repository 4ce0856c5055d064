import Encoding
import HTTP
import Logging
import Synchronization
import Tracing

@testable import OTelSDK

/// A backend without a socket and a clock that only waits turn: each attempt takes the next answer of a script.
final class FakeBackend: Sendable {
    struct Attempt: Sendable {
        var request: HTTPClient.Request
        var timeout: Duration
        /// Since the clock's start.
        var time: Duration
        var context: ServiceContext?
    }

    enum Step: Sendable {
        case answer(Int, HTTPFields = [:], [UInt8] = [])
        case fails(any Error)
        /// Passes all the time there is, then fails.
        case hangs
    }

    private struct State: Sendable {
        var steps: [Step]
        var attempts: [Attempt] = []
        var sleeps: [Duration] = []
        var elapsed = Duration.zero
        var sleepError: (any Error)?
    }

    private let start = ContinuousClock.now
    private let state: Mutex<State>
    let metrics = TestMetrics()
    let log = RecordingLog()

    /// A script; its last step is repeated.
    init(_ steps: Step...) { state = Mutex(State(steps: steps)) }

    var attempts: [Attempt] { state.withLock { $0.attempts } }
    var sleeps: [Duration] { state.withLock { $0.sleeps } }
    var elapsed: Duration { state.withLock { $0.elapsed } }

    /// Lets time pass.
    func advance(by duration: Duration) { state.withLock { $0.elapsed += duration } }
    /// Has the next wait end in an error, as cancellation does.
    func interruptNextSleep(_ error: any Error) { state.withLock { $0.sleepError = error } }

    /// What to give an exporter. The wall clock shows 1994-11-06 08:49:37 at the start; `random` is the jitter.
    func dependencies(random: Double = 0.5) -> OTLPExporterDependencies {
        OTLPExporterDependencies(
            transport: { try self.answer($0, $1) }, sleep: { try self.sleep($0) },
            now: { self.start + self.elapsed },
            wallClock: WallClock { 784_111_777_000_000_000 + UInt64(self.elapsed / .nanoseconds(1)) },
            random: { random }, logger: Logger(label: "test", handler: log), metrics: metrics)
    }

    private func answer(_ request: HTTPClient.Request, _ timeout: Duration) throws -> HTTPClient.Response {
        let step = state.withLock { state in
            state.attempts.append(
                Attempt(request: request, timeout: timeout, time: state.elapsed, context: ServiceContext.current))
            let step = state.steps.count > 1 ? state.steps.removeFirst() : state.steps[0]
            if case .hangs = step { state.elapsed += timeout }
            return step
        }
        switch step {
        case .answer(let code, let headers, let body):
            return HTTPClient.Response(status: HTTPStatus(code: code), headers: headers, body: body)
        case .fails(let error): throw error
        case .hangs: throw HTTPClientError.timeout
        }
    }

    private func sleep(_ duration: Duration) throws {
        try state.withLock { state in
            if let error = state.sleepError { throw error }
            state.sleeps.append(duration)
            state.elapsed += duration
        }
    }
}

/// Keeps log lines.
final class RecordingLog: LogHandler {
    struct Line: Sendable {
        var event: LogEvent
        var context: ServiceContext?
    }

    private let stored = Mutex<[Line]>([])

    var lines: [Line] { stored.withLock { $0 } }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    func log(event: LogEvent) {
        let line = Line(event: event, context: ServiceContext.current)
        stored.withLock { $0.append(line) }
    }
}
