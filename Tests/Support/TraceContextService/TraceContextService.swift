import Encoding
import EventLoop
import Glibc
import HTTP
import Logging
import Metrics
import OTelSDK
import Tracing

/// Implements the protocol of the W3C trace-context validation service, so that its public test suite can test our
/// propagator: `POST /test` takes a JSON array of `{"url": …, "arguments": …}`, and each `url` is called, in the trace
/// of the request, with its `arguments` as the body.
@main
enum TraceContextService {
    static func main() throws {
        let port = CommandLine.arguments.dropFirst().first.flatMap(Int.init) ?? 5000
        let loop = try EventLoop(name: "trace-context")
        Task(executorPreference: loop) {
            do {
                try await serve(port: port, on: loop)
            } catch {
                print("trace-context service: \(error)")
                loop.stop()
            }
        }
        loop.run()
    }

    private static func serve(port: Int, on loop: EventLoop) async throws {
        let tracer = OTelTracer(processor: MultiSpanProcessor([]))
        let client = HTTPClient(eventLoop: loop)
        let random: @Sendable () -> UInt64 = { .random(in: 1 ... .max) }
        let router = Router()
        router.add(
            middleware: ObservabilityMiddleware(
                tracer: tracer, metrics: NOOPMetricsHandler(), quietRoutes: [], randomUInt64: random))
        router.post("/test") { request, _ in
            let calls = try? JSONValue(parsing: request.body)
            guard let calls = calls?.array else {
                throw HTTPError(.badRequest, message: "expected a JSON array of {url, arguments}")
            }
            for call in calls {
                guard let url = call["url"]?.string else {
                    throw HTTPError(.badRequest, message: "a call lacks its url")
                }
                try await forward(url, call["arguments"] ?? .array([]), tracer, client)
            }
            return .text("ok\n")
        }
        var configuration = HTTPServer.Configuration()
        configuration.port = port
        let server = HTTPServer(
            configuration: configuration, responder: router.buildResponder(), eventLoop: loop, logger: .noOp)
        try await server.start()
        print("trace-context service on http://127.0.0.1:\(server.port)/test")
        // A reader on a pipe is waiting for this line.
        fflush(nil)
        try await server.run()
    }

    private static func forward(
        _ url: String, _ arguments: JSONValue, _ tracer: OTelTracer, _ client: HTTPClient
    )
        async throws
    {
        try await tracer.withSpan("POST", ofKind: .client) { span in
            var headers: HTTPFields = ["content-type": "application/json"]
            tracer.inject(span.context, into: &headers, using: HTTPFieldsCarrier())
            _ = try await client.execute(
                HTTPClient.Request(
                    method: .post, url: url, headers: headers, body: Array(arguments.description.utf8)))
        }
    }
}
