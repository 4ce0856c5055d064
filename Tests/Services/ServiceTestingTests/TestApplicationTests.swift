import Configuration
import Encoding
import HTTP
import Logging
import OTelSDK
import ServiceTesting
import Testing
import TraceContext
import Tracing

@Suite("A service under test")
struct TestApplicationTests {
    @Test("A service answers alike in memory and over a socket", arguments: [TestApplication.Mode.router, .live])
    func aServiceAnswersAlikeInMemoryAndOverASocket(mode: TestApplication.Mode) async throws {
        let clock = TestClock()
        let app = TestApplication(DemoService.self, clock: clock.wallClock)
        try await app.test(mode) { client in
            #expect((client.baseURL == nil) == (mode == .router))
            let greeting = try await client.execute(uri: "/greet/ada")
            #expect(greeting.status == .ok)
            #expect(String(decoding: greeting.body, as: UTF8.self) == "hello ada, it is 1767225600000000000\n")
            clock.advance(by: .milliseconds(1500))
            let later = try await client.execute(uri: "/greet/ada")
            #expect(String(decoding: later.body, as: UTF8.self).hasSuffix(" 1767225601500000000\n"))
            let echo = try await client.execute(uri: "/echo", method: .post, json: ["a": 1])
            #expect(try echo.json() == ["a": 1])
            let failure = try await client.execute(uri: "/fail")
            #expect(failure.status == .badGateway)
            #expect(try failure.json()["type"]?.string == "urn:tailspan:problem:upset")
        }
        // Once it is over, everything is there: spans, lines, and the end of the service.
        #expect(app.spans.spans.map(\.name) == ["GET /greet/{name}", "GET /greet/{name}", "POST /echo", "GET /fail"])
        #expect(app.spans.spans.last?.status?.code == .error)
        #expect(app.logs.entries.last?.message == "stopped")
        #expect(app.logs.entries.count { $0.message == "closed" } == 1)
        let greeting = try #require(app.logs.entries.first { $0.message == "greeting" })
        #expect(greeting.metadata["name"]?.description == "ada" && greeting.level == .info)
        #expect(greeting.spanID == app.spans.spans.first?.context.spanID.description)
        #expect(greeting.traceID == app.spans.spans.first?.context.traceID.description)
        #expect(greeting.requestID != nil)
        #expect(app.logs.entries.count { $0.level == .error } == 1)
    }

    @Test(
        "An error of the test is rethrown after the service has stopped",
        arguments: [TestApplication.Mode.router, .live])
    func anErrorOfTheTestStopsTheServiceAndIsRethrown(mode: TestApplication.Mode) async throws {
        struct Oops: Error {}
        let app = TestApplication(DemoService.self)
        await #expect(throws: Oops.self) { try await app.test(mode) { _ in throw Oops() } }
        #expect(app.logs.entries.count { $0.message == "closed" } == 1)
    }

    @Test("An invalid setting throws its configuration error")
    func anInvalidSettingThrows() async throws {
        let app = TestApplication(DemoService.self, environment: ["GREETINGS": "many"])
        let error = await #expect(throws: ConfigurationError.self) { try await app.test(.router) { _ in } }
        #expect(error?.description == "GREETINGS=many: expected a whole number from 1 to 9")
    }
}
