import HTTP
import Logging
import Testing

@Suite("The middleware for content codings")
struct ContentCodingMiddlewareTests {
    private func status(_ coding: String?, body: [UInt8] = [1]) async throws -> Result<HTTPStatus, HTTPError> {
        let router = Router()
        router.add(middleware: ContentCodingMiddleware())
        router.post("/") { _, _ in .text("taken") }
        var headers: HTTPFields = [:]
        if let coding { headers["Content-Encoding"] = coding }
        let request = Request(method: .post, uri: "/", headers: headers, body: body)
        do {
            return .success(
                try await router.buildResponder().respond(to: request, context: RequestContext(logger: .noOp)).status)
        } catch let error as HTTPError { return .failure(error) }
    }

    @Test(arguments: [nil, "identity", "Identity", " identity , identity", ""])
    func aBodyWithoutACodingIsAccepted(coding: String?) async throws {
        #expect(try await status(coding).get() == .ok)
    }

    @Test func aRequestWithoutABodyIsAccepted() async throws {
        #expect(try await status("gzip", body: []).get() == .ok)
    }

    @Test(arguments: [
        ("gzip", "gzip"), ("GZIP", "GZIP"), ("x-gzip", "x-gzip"), ("br", "br"), ("deflate, gzip", "deflate, gzip"),
        ("identity,zstd", "zstd"), ("gz\u{e9}", "not one that is known"),
        (String(repeating: "x", count: 65), "not one that is known"),
    ]) func anEncodedBodyIsRefusedWithTheNameOfItsCoding(coding: String, named: String) async throws {
        guard case .failure(let error) = try await status(coding) else {
            Issue.record("it was taken")
            return
        }
        #expect(error.status == .unsupportedMediaType && error.type == "unsupported-content-encoding")
        #expect(error.message == "the body's Content-Encoding is \(named); send it without any")
        #expect(error.headers["accept-encoding"] == "identity")
    }
}
