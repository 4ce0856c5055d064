import Encoding
import Glibc
import HTTP
import ServiceTesting
import Testing

@testable import Supervision

extension RealProcesses {
    /// The service under the W3C's validation suite: it must call on within the trace of the call.
    @Suite("The trace-context service")
    struct TraceContextServiceTests {
        private static let traceID = "0af7651916cd43dd8448eb211c80319c"
        private static let parentID = "b7ad6b7169203331"

        @Test("The service passes the trace on under its own span, with the arguments as the body")
        func theServicePassesTheTraceOn() async throws {
            let calls = try await call(
                ["traceparent": "00-\(Self.traceID)-\(Self.parentID)-01", "tracestate": "one=1,two=2"],
                arguments: [["url": "http://example.invalid/", "arguments": []], .string("more")])
            #expect(calls.count == 2)
            for call in calls {
                let parts = try #require(call.headers["traceparent"]).split(separator: "-").map { String($0) }
                #expect(parts.count == 4 && parts[0] == "00" && parts[1] == Self.traceID && parts[3] == "01")
                #expect(parts[2] != Self.parentID && parts[2].utf8.count == 16)
                #expect(call.headers["tracestate"] == "one=1,two=2")
                #expect(
                    try JSONValue(parsing: call.body)
                        == [["url": "http://example.invalid/", "arguments": []], .string("more")])
            }
        }

        @Test(
            "A malformed traceparent starts a new trace, and a tracestate alone is not passed on",
            arguments: [
                "", "00-\(traceID)-\(parentID)", "00-\(traceID.uppercased())-\(parentID)-01",
                "00-\(String(repeating: "0", count: 32))-\(parentID)-01", "ff-\(traceID)-\(parentID)-01",
                "00-\(traceID)-\(parentID)-01-what", "00-\(traceID)-\(parentID)-.1",
            ])
        func aMalformedTraceparentStartsANewTrace(traceParent: String) async throws {
            let calls = try await call(["traceparent": traceParent, "tracestate": "one=1"], arguments: [])
            #expect(calls.count == 2)
            let parents = try calls.map { try #require($0.headers["traceparent"]).split(separator: "-") }
            #expect(parents.allSatisfy { $0.count == 4 && $0[1].utf8.count == 32 && $0[1] != Self.traceID })
            #expect(Set(parents.map { $0[1] }).count == 1, "one request is one trace")
            #expect(Set(parents.map { $0[2] }).count == 2, "two calls are two spans")
            #expect(calls.allSatisfy { $0.headers["tracestate"] == nil })
        }

        /// Has the service call a server twice; returns what that one was sent.
        private func call(_ headers: HTTPFields, arguments: JSONValue) async throws -> [Request] {
            let upstream = try await FakeUpstream { _ in Response() }
            try await withLoop { loop in
                let service = try RunningProgram(["0"], of: "trace-context-service", on: loop)
                try await eventually(within: .seconds(20), "it says where it is") { !service.output.all.isEmpty }
                let url = try #require(service.output.all.first?.split(separator: " ").last)
                let one: JSONValue = ["url": .string(upstream.url + "/callback"), "arguments": arguments]
                let client = HTTPClient(eventLoop: loop)
                var headers = headers
                headers["content-type"] = "application/json"
                let answer = try await client.execute(
                    HTTPClient.Request(
                        method: .post, url: String(url), headers: headers,
                        body: Array(JSONValue.array([one, one]).description.utf8)))
                #expect(answer.status == .ok)
                await client.shutdown()
                service.process.send(SIGKILL)
                _ = await service.process.waitForExit()
            }
            await upstream.stop()
            #expect(Set(upstream.asked) == ["POST /callback"])
            return upstream.requests
        }
    }
}
