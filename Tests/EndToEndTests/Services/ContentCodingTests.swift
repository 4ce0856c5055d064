import Encoding
import HTTP
import ServiceTesting
import Testing
import Vocabulary

@Suite("Encoded request bodies")
struct ContentCodingTests {
    private static let routes: [(ServiceRole, HTTPMethod, String)] =
        [
            (.gateway, .post, "/v1/tasks"), (.tasks, .post, "/v1/tasks"), (.executor, .post, "/v1/executions"),
            (.payments, .post, "/v1/reservations"), (.payments, .post, "/v1/settlements"),
        ] + ServiceRole.allCases.flatMap { [($0, .put, "/admin/faults"), ($0, .post, "/admin/faults")] }

    @Test("Every route that takes a body answers 415, names the encoding and says what it takes")
    func everyRouteRefusesAnEncodedBody() async throws {
        try await withFourServices { services in
            for (role, method, path) in Self.routes {
                let answer = try await services.client.execute(
                    HTTPClient.Request(
                        method: method, url: services.url(role) + path,
                        headers: ["content-type": "application/json", "content-encoding": "gzip"],
                        body: [0x1F, 0x8B, 8, 0]))
                #expect(answer.status.code == 415, "\(role) \(path)")
                #expect(answer.headers["accept-encoding"] == "identity")
                #expect(answer.headers["content-type"] == "application/problem+json")
                let problem = try answer.json()
                #expect(problem["detail"] == "the body's Content-Encoding is gzip; send it without any")
                #expect(path.hasPrefix("/admin") || problem["trace_id"]?.string?.count == 32)
            }
        }
    }
}
