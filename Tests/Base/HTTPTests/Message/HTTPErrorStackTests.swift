import HTTP
import Testing

@Suite("The stack trace of an HTTP error")
struct HTTPErrorStackTests {
    @inline(never)
    private func make(_ status: HTTPStatus) -> HTTPError { HTTPError(status) }

    @Test("A server error carries the stack of its origin, and a client error carries none")
    func onlyAServerErrorCarriesAStack() {
        #expect(make(.serviceUnavailable).stackTrace.contains("HTTPTests.HTTPErrorStackTests.make"))
        #expect(make(.badRequest).stackTrace == "" && make(.tooManyRequests).stackTrace == "")
    }
}
