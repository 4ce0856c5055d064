import EventLoop
import HTTPConformance
import Logging
import Metrics

@testable import HTTP

/// A handler that tells what it saw.
package struct Teller: HTTPResponder {
    package init() {}

    package func respond(to request: Request, context: RequestContext) async throws -> Response {
        if request.bodyExceededLimit { throw HTTPError(.contentTooLarge) }
        return Response(
            body: latin1Bytes(
                RequestCase.seen(
                    method: request.method.rawValue, target: request.uri, host: request.headers["host"],
                    body: request.body)))
    }
}

/// A real server and a real client, which get mutated messages over Unix-domain sockets.
package final class ConnectionFuzzing: Sendable {
    private let loop: EventLoop
    private let server: HTTPServer
    private let client: HTTPClient
    private let scripted: ScriptedServer
    private let endpoint: Endpoint

    /// - Parameter folder: where the sockets are.
    package init(folder: String) async throws {
        loop = try EventLoop(name: "fuzz")
        try loop.start()
        var configuration = HTTPServer.Configuration()
        configuration.socketPath = folder + "/server.sock"
        server = HTTPServer(
            configuration: configuration, responder: Teller(), eventLoop: loop, logger: .noOp,
            metrics: NOOPMetricsHandler())
        client = HTTPClient(eventLoop: loop)
        endpoint = .socket(folder + "/server.sock")
        scripted = try ScriptedServer(path: folder + "/scripted.sock")
        try await server.start()
        let scripted = scripted
        try Thread.detach(name: "scripted") { scripted.run() }
    }

    package func stop() async {
        await client.shutdown()
        await server.shutdown()
        scripted.stop()
        loop.stop()
    }

    // MARK: The server

    /// The final statuses that a server must answer, each with whether it answers HEAD.
    private static func answers(_ trace: ParserTrace) -> [(status: Int, toHead: Bool)] {
        var answers: [(status: Int, toHead: Bool)] = []
        var head = ParserTrace.Head()
        for event in trace.events {
            switch event {
            case .head(let next):
                head = next
                let expects = head.fields.contains { $0.lowercased() == "expect: 100-continue" }
                guard expects, head.minorVersion == 1, head.contentLength ?? 0 > 1 << 20 else { continue }
                return answers + [(413, head.method == "HEAD")]
            case .body: continue
            case .complete:
                answers.append((200, head.method == "HEAD"))
                if !head.keepsAlive { return answers }
                head = ParserTrace.Head()
            case .malformed(let status, _):
                if trace.cameToTheEnd, !trace.endsWithin { continue }
                answers.append((status, trace.refusesHead || head.method == "HEAD"))
            }
        }
        return answers
    }

    /// Sends the message and the end of the connection to the server.
    package func request(_ trial: Trial, _ pieces: [ArraySlice<UInt8>]) throws {
        let line = Line(try endpoint.connect())
        line.send(pieces)
        line.endSending()
        var received = Answers(line)
        for expected in Self.answers(trial.trace) {
            var answer = try received.next(toHead: expected.toHead)
            while answer?.status == 100 { answer = try received.next(toHead: expected.toHead) }
            guard answer?.status == expected.status else {
                throw Trouble(
                    "the server answered \(answer.map { "\($0.status)" } ?? "nothing") instead of \(expected.status)")
            }
        }
        // The permission to send a body that never came whole may stand before the end.
        var more = try received.next()
        while more?.status == 100 { more = try received.next() }
        if let more { throw Trouble("the server answered \(more.status), too") }
    }

    // MARK: The client

    /// Has the client send a request that is answered with the message and the end of the connection.
    package func response(_ trial: Trial, _ cut: Cut) async throws {
        guard case .responses(let toHead) = trial.kind else { return }
        try await untilTheServerIsIdle()
        scripted.answer(trial.message, cut, endsSending: true)
        let request = HTTPClient.Request(method: toHead ? .head : .get, url: scripted.url)
        let outcome: Result<HTTPClient.Response, any Error>
        do { outcome = .success(try await client.execute(request, timeout: .seconds(20))) } catch {
            outcome = .failure(error)
        }
        let (expected, isCertain) = Self.response(trial.trace)
        switch outcome {
        case .success(let response):
            guard let expected, response.status.code == expected.status, response.body == expected.body else {
                throw Trouble(
                    "the client took \(response.status) for a response instead of \(String(describing: expected))")
            }
        case .failure(let error):
            guard case HTTPClientError.timeout = error else {
                guard expected == nil || !isCertain else { throw Trouble("the client failed: \(error)") }
                return
            }
            throw Trouble("the client waited in vain")
        }
    }

    /// A server that is still sending what stands behind the response before would answer this request with it.
    private func untilTheServerIsIdle() async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while scripted.ended < scripted.connections {
            guard .now < deadline else { throw Trouble("the connection before does not end") }
            try await loop.sleep(for: .microseconds(50))
        }
    }

    /// The response that the message is, and whether the client must take it.
    private static func response(_ trace: ParserTrace) -> (response: (status: Int, body: [UInt8])?, isCertain: Bool) {
        var (status, body, interim): (Int, [UInt8], Int) = (0, [], 0)
        for event in trace.events {
            switch event {
            case .head(let head): (status, body) = (head.status, [])
            case .body(let bytes): body = bytes
            case .complete:
                if status >= 200 { return ((status, body), interim <= ClientConnection.maximumInterimResponses) }
                interim += 1
            case .malformed: return (nil, true)
            }
        }
        return (nil, true)
    }
}
