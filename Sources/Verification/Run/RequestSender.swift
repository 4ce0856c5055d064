import Contracts
import Encoding
import HTTP
import Synchronization
import Workload

/// Sends the planned requests to the gateway and sees what becomes of them. Safe to use from any thread.
final class RequestSender: Sendable {
    private let configuration: VerificationConfiguration
    private let transport: any HTTPTransport
    private let clock: LoadClock
    /// When the whole run must be over, by `clock`.
    private let end: Duration
    private let pollCount = Mutex(0)

    init(
        _ configuration: VerificationConfiguration, transport: any HTTPTransport, clock: LoadClock, end: Duration
    ) {
        self.configuration = configuration
        self.transport = transport
        self.clock = clock
        self.end = end
    }

    /// How often the gateway was asked for the state of a task.
    var polls: Int { pollCount.withLock { $0 } }

    private var gateway: String { configuration.services[.gateway] ?? "" }

    /// - Throws: `CancellationError`; anything else that goes wrong is an outcome.
    func send(_ request: VerificationRequest) async throws -> SentRequest {
        let left = end - clock.now()
        guard left > .zero else {
            return SentRequest(request: request, outcome: .noAnswer("the deadline passed before it was sent"))
        }
        var headers = request.planned.headers
        headers[Header.requestID] = request.requestID
        if let token = configuration.token { headers["authorization"] = "Bearer " + token }
        let response: HTTPClient.Response
        do {
            response = try await transport.execute(
                HTTPClient.Request(
                    method: .post, url: gateway + request.planned.uri, headers: headers, body: request.planned.body),
                timeout: min(configuration.requestTimeout, left))
        } catch let error as CancellationError {
            throw error
        } catch {
            return SentRequest(request: request, outcome: .noAnswer(String(describing: error)))
        }
        var sent = SentRequest(request: request, outcome: .asPlanned, status: response.status.code)
        guard request.kind.expects(response.status) else {
            let detail = ProblemDetails(response.body).detail.map { " (\($0))" } ?? ""
            sent.outcome = .other(
                "answered \(response.status.code)\(detail), expected \(Self.expectation(request.kind))")
            return sent
        }
        // An answer without a task is looked at below.
        sent.taskID = (try? JSONValue(parsing: response.body))?["task_id"]?.string
        if request.kind == .async, sent.taskID == nil { sent.outcome = .other("the answer names no task_id") }
        return sent
    }

    private static func expectation(_ kind: RequestKind) -> String {
        switch kind {
        case .sync: "201"
        case .async: "202"
        case .unknownGuild: "404"
        case .poor: "402"
        case .badBody: "422"
        }
    }

    /// Waits until an asynchronous task is done. The questions are not sampled, so that they leave no spans behind.
    func awaitTask(of sent: SentRequest) async throws -> SentRequest {
        guard sent.request.kind == .async, sent.outcome == .asPlanned, let id = sent.taskID else { return sent }
        var sent = sent
        var pause = Duration.milliseconds(50)
        var last = "unknown"
        while true {
            do {
                let task = try await state(of: id, request: sent.request)
                if let final = TaskState(rawValue: task.state), final.isFinal {
                    if final != .settled {
                        let reason = task.error.map { " (\($0))" } ?? ""
                        sent.outcome = .other("task \(id) ended as \(final.rawValue)\(reason), expected settled")
                    }
                    return sent
                }
                last = task.state
            } catch let error as CancellationError {
                throw error
            } catch {
                last = "unknown: \(error)"
            }
            guard clock.now() + pause < end else {
                sent.outcome = .other("task \(id) was not done at the deadline; its state is \(last)")
                return sent
            }
            try await clock.sleepUntil(clock.now() + pause)
            pause = min(pause * 2, .seconds(1))
        }
    }

    private func state(of id: String, request: VerificationRequest) async throws -> (state: String, error: String?) {
        let number = pollCount.withLock { count in
            count += 1
            return count
        }
        var generator = SeededGenerator(seed: ~configuration.seed, stream: UInt64(number))
        let traceID = Hex.string(generator.nextNonZero()) + Hex.string(generator.nextNonZero())
        var headers: HTTPFields = [
            Header.traceParent: "00-\(traceID)-\(Hex.string(generator.nextNonZero()))-00",
            Header.requestID: request.requestID + "-poll",
        ]
        if let token = configuration.token { headers["authorization"] = "Bearer " + token }
        let response = try await transport.execute(
            HTTPClient.Request(url: gateway + "/v1/tasks/" + PercentEncoding.encode(id), headers: headers),
            timeout: configuration.requestTimeout)
        guard response.status == .ok else { throw VerificationError("answered \(response.status.code)") }
        let task = try JSONValue(parsing: response.body)
        return (task["state"]?.string ?? "", task["error"]?.string)
    }
}
