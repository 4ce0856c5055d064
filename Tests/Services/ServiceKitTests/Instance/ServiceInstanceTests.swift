import Encoding
import EventLoop
import HTTP
import Logging
import OTelSDK
import ServiceLifecycle
import ServiceTesting
import Synchronization
import Testing
import TraceContext
import Tracing
import Vocabulary

@testable import ServiceKit

@Suite("The life cycle of a service")
struct ServiceInstanceTests {
    /// An instance on a loop of its own, not yet listening.
    private struct Fixture: Sendable {
        let loop: EventLoop
        let instance: ServiceInstance
        let spans = InMemorySpanExporter()
        let script: StubService.Script

        init(_ name: String) async throws {
            let loop = try EventLoop(name: name)
            try loop.start()
            self.loop = loop
            script = StubService.script(name)
            let spans = spans
            instance = try await Task(executorPreference: loop) {
                try await ServiceInstance(
                    StubService.self,
                    configuration: ServiceConfiguration(
                        role: .executor, environment: ["PORT": "0", "SCRIPT": name, "LOG_STDOUT": "false"]),
                    eventLoop: loop, overrides: Telemetry.Overrides(spanProcessor: spans))
            }.value
        }

        /// Asks without a socket.
        func get(_ path: String) async throws -> (status: Int, json: JSONValue) {
            let instance = instance
            return try await Task(executorPreference: loop) {
                let context = RequestContext(logger: instance.telemetry.logger)
                let response = try await instance.responder.respond(to: Request(uri: path), context: context)
                context.completion.complete(
                    ResponseCompletion.Outcome(
                        written: true, status: response.status, bodySize: response.body.count))
                return (response.status.code, try JSONValue(parsing: response.body))
            }.value
        }

        /// Looks again and again, at most ten seconds.
        func until(_ condition: () async throws -> Bool) async throws {
            do { try await eventually { try await condition() } } catch let error as ConditionNotMet {
                Issue.record("it did not come true: \(script.all)")
                throw error
            }
        }
    }

    @Test("/readyz follows the service from starting to draining, while /healthz stays 200")
    func readinessFollowsThePhasesOfTheService() async throws {
        let fixture = try await Fixture("phases")
        let instance = fixture.instance
        try await Task(executorPreference: fixture.loop) { try await instance.start() }.value
        let port = instance.port
        #expect(port > 0)
        var answer = try await fixture.get("/readyz")
        #expect(answer.status == 503 && answer.json["status"] == "starting")
        #expect(try await fixture.get("/healthz").status == 200)

        let group = ServiceGroup(services: [instance])
        let running = Task(executorPreference: fixture.loop) { try await group.run() }
        try await fixture.until { try await fixture.get("/readyz").status == 200 }
        #expect(instance.port == port, "running does not bind anew")
        answer = try await fixture.get("/readyz")
        #expect(answer.json["status"] == "ready")

        fixture.script.isBroken.store(true, ordering: .relaxed)
        answer = try await fixture.get("/readyz")
        #expect(answer.status == 503 && answer.json["status"] == "broken")
        let store = answer.json["components"]?[0]
        #expect(store?["name"] == "store" && store?["status"] == "failed" && store?["error"] == "the disk is full")
        #expect(try await fixture.get("/healthz").status == 200)
        fixture.script.isBroken.store(false, ordering: .relaxed)
        #expect(try await fixture.get("/readyz").status == 200)

        // A request that is under way keeps it draining.
        let client = HTTPClient(eventLoop: fixture.loop)
        let request = Task {
            try await client.execute(HTTPClient.Request(url: "http://127.0.0.1:\(port)/wait"), timeout: .seconds(20))
        }
        try await fixture.until { fixture.script.all.contains("request began") }
        await group.triggerGracefulShutdown()
        try await fixture.until { try await fixture.get("/readyz").json["status"] == "draining" }
        #expect(try await fixture.get("/readyz").status == 503)
        #expect(try await fixture.get("/healthz").status == 200)
        fixture.script.open()
        #expect(try await request.value.status == .ok)
        await client.shutdown()
        try await running.value
        fixture.loop.stop()
        // First the requests, then the workers, then what both used.
        #expect(
            fixture.script.all == ["worker began", "request began", "request ended", "worker ended", "closed"])
        #expect(fixture.spans.spans.map(\.name) == ["GET /wait"])
    }

    @Test("A start says once that telemetry cannot be sent over https, and why")
    func aStartSaysThatTelemetryCannotBeSent() async throws {
        let loop = try EventLoop(name: "https")
        try loop.start()
        defer { loop.stop() }
        for (url, expected) in [("https://127.0.0.1:1", ["no libcurl"]), ("http://127.0.0.1:1", [])] {
            let logs = InMemoryLogHandler()
            let overrides = Telemetry.Overrides(
                logHandler: logs, httpsProblem: { $0.hasPrefix("https://127.0.0.1:1/v1/") ? "no libcurl" : nil })
            let instance = try await Task(executorPreference: loop) {
                try await ServiceInstance(
                    StubService.self,
                    configuration: ServiceConfiguration(
                        role: .executor, environment: ["PORT": "0", "OTEL_EXPORTER_OTLP_ENDPOINT": url]),
                    eventLoop: loop, overrides: overrides)
            }.value
            let lines = logs.entries.filter { $0.message == "telemetry cannot be sent" }
            #expect(lines.compactMap { $0.metadata["reason"]?.description } == expected)
            #expect(lines.allSatisfy { $0.level == .warning })
            await instance.close()
        }
    }

    @Test("An unexpected error is answered 500 without details, and the span records it")
    func anUnexpectedErrorIsAnswered500WithoutDetails() async throws {
        let fixture = try await Fixture("unforeseen")
        let answer = try await fixture.get("/fail")
        #expect(answer.status == 500)
        #expect(!answer.json.description.contains("disk"))
        let span = try #require(fixture.spans.spans.first)
        #expect(answer.json["trace_id"]?.string == span.context.traceID.description)
        #expect(span.status?.code == .error)
        #expect(span.events.contains { $0.name == "exception" })
        let instance = fixture.instance
        await Task(executorPreference: fixture.loop) { await instance.close() }.value
        fixture.loop.stop()
        #expect(fixture.script.all == ["closed"])
    }

    @Test("A port that is taken fails the start and closes everything")
    func aTakenPortFailsTheStartAndClosesEverything() async throws {
        let first = try await Fixture("first")
        let instance = first.instance
        try await Task(executorPreference: first.loop) { try await instance.start() }.value
        let configuration = try ServiceConfiguration(
            role: .executor,
            environment: ["PORT": "\(instance.port)", "SCRIPT": "second", "LOG_STDOUT": "false"])
        let loop = first.loop
        let error = await #expect(throws: HTTPServerError.self) {
            try await Task(executorPreference: loop) {
                let second = try await ServiceInstance(
                    StubService.self, configuration: configuration, eventLoop: loop)
                do { try await second.run() } catch {
                    await second.close()
                    throw error
                }
            }.value
        }
        #expect(error?.addressInUse == true)
        #expect(StubService.script("second").all == ["closed"])
        await Task(executorPreference: loop) { await instance.close() }.value
        loop.stop()
    }
}
