import Contracts
import Encoding
import HTTP
import Synchronization
import Vocabulary
import Workload

/// Sends the planned requests to the gateway and records their outcomes. Safe to use from any thread.
final class RequestSender: Sendable {
    private let configuration: VerificationConfiguration
    private let transport: any HTTPTransport
    private let clock: LoadClock
    private let pollCount = Mutex(0)

    init(
        _ configuration: VerificationConfiguration, transport: any HTTPTransport, clock: LoadClock
    ) {
        self.configuration = configuration
        self.transport = transport
        self.clock = clock
    }

    /// How often the gateway was asked for the state of a task.
    var polls: Int { pollCount.withLock { $0 } }

    private var gateway: String { configuration.services[.gateway] ?? "" }

    /// - Throws: `CancellationError`; any other failure is an outcome.
    func send(_ request: VerificationRequest) async throws -> SentRequest {
        var headers = request.planned.headers
        headers[Header.requestID] = request.requestID
        if let token = configuration.token { headers[Header.authorization] = "Bearer " + token }
        let response: HTTPClient.Response
        let start = clock.now()
        do {
            response = try await transport.execute(
                HTTPClient.Request(
                    method: .post, url: gateway + request.planned.uri, headers: headers, body: request.planned.body,
                    urlTemplate: "/v1/tasks"),
                timeout: configuration.requestTimeout)
        } catch let error as CancellationError {
            throw error
        } catch {
            return SentRequest(
                request: request, outcome: .noAnswer(String(describing: error)), duration: clock.now() - start)
        }
        var sent = SentRequest(
            request: request, outcome: .asPlanned, status: response.status.code, duration: clock.now() - start)
        guard request.kind.expects(response.status) else {
            let detail = ProblemDetails(response.body).detail.map { " (\($0))" } ?? ""
            sent.outcome = .other(
                "answered \(response.status.code)\(detail), expected \(Self.expectation(request.kind))")
            return sent
        }
        // Neither a refusal nor an answer that is not JSON names a task.
        let task = try? JSONValue(parsing: response.body)
        sent.taskID = task?["task_id"]?.string
        switch request.kind {
        case .async where sent.taskID == nil: sent.outcome = .other("the answer names no task_id")
        case .sync: sent.outcome = Self.outcome(of: task)
        default: break
        }
        return sent
    }

    /// A request that the gateway retries may be answered 200 with the task's state after the first attempt.
    private static func outcome(of task: JSONValue?) -> SentRequest.Outcome {
        let state = task?["state"]?.string ?? "unknown"
        guard state != TaskState.settled.rawValue else { return .asPlanned }
        let reason = (task?["error"]?.string).map { " (\($0))" } ?? ""
        return .other("task \(task?["task_id"]?.string ?? "?") ended as \(state)\(reason), expected settled")
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

    /// Waits until an asynchronous task is done. The polls are not sampled, so they leave no spans.
    /// - Parameter end: the latest time to wait for, on the clock.
    func awaitTask(of sent: SentRequest, until end: Duration) async throws -> SentRequest {
        guard sent.request.kind == .async, sent.outcome == .asPlanned, let id = sent.taskID else { return sent }
        var sent = sent
        var pause = Duration.milliseconds(50)
        var last = "unknown"
        while true {
            do {
                let task = try await state(of: id, request: sent.request)
                if let state = TaskState(rawValue: task["state"]?.string ?? ""), state.isFinal {
                    sent.outcome = Self.outcome(of: task)
                    return sent
                }
                last = task["state"]?.string ?? last
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

    private func state(of id: String, request: VerificationRequest) async throws -> JSONValue {
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
        if let token = configuration.token { headers[Header.authorization] = "Bearer " + token }
        let response = try await transport.execute(
            HTTPClient.Request(url: gateway + "/v1/tasks/" + PercentEncoding.encode(id), headers: headers),
            timeout: configuration.requestTimeout)
        guard response.status == .ok else { throw VerificationError("answered \(response.status.code)") }
        return try JSONValue(parsing: response.body)
    }
}
