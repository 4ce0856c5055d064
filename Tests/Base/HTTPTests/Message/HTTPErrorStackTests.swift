import Encoding
import HTTP
import Testing

@Suite("Stack of an HTTP error")
struct HTTPErrorStackTests {
    @inline(never)
    private func make(_ status: HTTPStatus) -> HTTPError { HTTPError(status) }

    @Test("A failure of ours knows where it was made, what a caller did wrong does not")
    func origin() {
        #expect(make(.serviceUnavailable).stackTrace.contains("HTTPTests.HTTPErrorStackTests.make"))
        #expect(make(.badRequest).stackTrace == "" && make(.tooManyRequests).stackTrace == "")
    }
}
