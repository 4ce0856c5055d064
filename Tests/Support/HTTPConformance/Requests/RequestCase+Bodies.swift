extension RequestCase {
    /// Lengths and codings: section 6.
    static let lengths: [RequestCase] = [
        .kept("6.2", "a length", post("Content-Length: 3", body: "abc"), "POST / x|abc"),
        .kept("6.3", "no length means no body", post(), "POST / x|"),
        .kept("6.2", "a length of 0", post("Content-Length: 0"), "POST / x|"),
        .kept("6.2", "a length with zeros before it", post("Content-Length: 0003", body: "abc"), "POST / x|abc"),
        .kept("6.2", "a length with white space around it", post("Content-Length: \t3  ", body: "abc"), "POST / x|abc"),
        .kept("6.2", "a body with any bytes", post("Content-Length: 4", body: "\0\r\n\u{FF}"), "POST / x|\0\r\n\u{FF}"),
        .kept(
            "6.2", "a body that looks like a request",
            post("Content-Length: 27", body: "GET /a HTTP/1.1\r\nHost: x\r\n\r"),
            "POST / x|GET /a HTTP/1.1\r\nHost: x\r\n\r"),
        .kept(
            "6.2", "a body of 100,000 bytes",
            post("Content-Length: 100000", body: String(repeating: "b", count: 100_000)),
            "POST / x|100000 bytes"),
        .refused("6.2", "a length with a plus", 400, post("Content-Length: +3", body: "abc")),
        .refused("6.2", "a length with a minus", 400, post("Content-Length: -3", body: "abc")),
        .refused("6.2", "a length below zero", 400, post("Content-Length: -1")),
        .refused("6.2", "a length in hex", 400, post("Content-Length: 0x3", body: "abc")),
        .refused("6.2", "a length of letters", 400, post("Content-Length: abc", body: "abc")),
        .refused("6.2", "an empty length", 400, post("Content-Length:", body: "abc")),
        .refused("6.2", "a length of white space", 400, post("Content-Length:  \t", body: "abc")),
        .refused("6.2", "a length in quotes", 400, post("Content-Length: \"3\"", body: "abc")),
        .refused("6.2", "a length with a point", 400, post("Content-Length: 3.0", body: "abc")),
        .refused("6.2", "a length with an exponent", 400, post("Content-Length: 3e0", body: "abc")),
        .refused("6.2", "a length with a space within", 400, post("Content-Length: 1 3", body: "abc")),
        .refused("6.2", "a length with a semicolon", 400, post("Content-Length: 3;a", body: "abc")),
        .refused("6.3", "a list of equal lengths", 400, post("Content-Length: 3, 3", body: "abc")),
        .refused("6.3", "a list of different lengths", 400, post("Content-Length: 3, 4", body: "abc")),
        .refused("6.3", "two equal lengths", 400, post("Content-Length: 3", "Content-Length: 3", body: "abc")),
        .refused("6.3", "two different lengths", 400, post("Content-Length: 3", "Content-Length: 4", body: "abcd")),
        .refused("6.3", "two lengths, the first 0", 400, post("Content-Length: 0", "Content-Length: 3", body: "abc")),
        .refused("6.2", "a length of 2^64", 400, post("Content-Length: 18446744073709551616")),
        .refused("6.2", "a length of 2^64 + 3", 400, post("Content-Length: 18446744073709551619", body: "abc")),
        .refused("6.2", "a length of thirty digits", 400, post("Content-Length: 111111111111111111111111111111")),
        .refused("6.2", "a length with a NUL", 400, post("Content-Length: 3\0", body: "abc")),
        .refused(
            "6.1", "a coding and a length", 400,
            post("Transfer-Encoding: chunked", "Content-Length: 3", body: "0\r\n\r\n")),
        .refused(
            "6.1", "a length and a coding", 400,
            post("Content-Length: 3", "Transfer-Encoding: chunked", body: "0\r\n\r\n")),
        .refused(
            "6.1", "a length of 0 and a coding", 400,
            post("Content-Length: 0", "Transfer-Encoding: chunked", body: "0\r\n\r\n")),
        .refused(
            "6.1", "a length and an unknown coding", 400, post("Content-Length: 3", "Transfer-Encoding: x", body: "abc")
        ),
        .refused("6.1", "an unknown coding", 400, post("Transfer-Encoding: xchunked", body: "0\r\n\r\n")),
        .refused(
            "6.1", "a coding that begins with chunked", 400, post("Transfer-Encoding: chunkedx", body: "0\r\n\r\n")),
        .refused("6.1", "identity", 400, post("Transfer-Encoding: identity", body: "0\r\n\r\n")),
        .refused("6.1", "chunked is not last", 400, post("Transfer-Encoding: chunked, identity", body: "0\r\n\r\n")),
        .refused("6.1", "gzip alone", 400, post("Transfer-Encoding: gzip", body: "0\r\n\r\n")),
        .refused("6.1", "gzip before chunked", 501, post("Transfer-Encoding: gzip, chunked", body: "0\r\n\r\n")),
        .refused(
            "6.1", "gzip and chunked in two fields", 501,
            post("Transfer-Encoding: gzip", "Transfer-Encoding: chunked", body: "0\r\n\r\n")),
        .refused("6.1", "chunked twice", 400, post("Transfer-Encoding: chunked, chunked", body: "0\r\n\r\n")),
        .refused(
            "6.1", "chunked in two fields", 400,
            post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked", body: "0\r\n\r\n")),
        .refused(
            "6.1", "chunked and another in a second field", 400,
            post("Transfer-Encoding: chunked", "Transfer-Encoding: x", body: "0\r\n\r\n")),
        .refused("6.1", "chunked in quotes", 400, post("Transfer-Encoding: \"chunked\"", body: "0\r\n\r\n")),
        .refused("6.1", "chunked with a parameter", 400, post("Transfer-Encoding: chunked;a=b", body: "0\r\n\r\n")),
        .refused(
            "6.1", "chunked with a control character", 400, post("Transfer-Encoding: \u{B}chunked", body: "0\r\n\r\n")),
        .refused("6.1", "chunked with a word behind it", 400, post("Transfer-Encoding: chunked ok", body: "0\r\n\r\n")),
        .refused("6.1", "chunked with a tab behind it", 400, post("Transfer-Encoding: chunked\t", body: "0\r\n\r\n")),
        .refused("6.1", "an empty coding", 400, post("Transfer-Encoding:", body: "0\r\n\r\n")),
        .refused(
            "6.1", "a coding in HTTP/1.0", 400,
            message(["POST / HTTP/1.0", "Transfer-Encoding: chunked"], "0\r\n\r\n")),
        .refused(
            "6.1", "a coding in HTTP/1.0 that keeps", 400,
            message(["POST / HTTP/1.0", "Connection: keep-alive", "Transfer-Encoding: chunked"], "0\r\n\r\n")),
        .refused("6.1", "a name with a trailing space", 400, post("Transfer-Encoding : chunked", body: "0\r\n\r\n")),
        .kept("6.1", "chunked in capitals", post("TRANSFER-ENCODING: CHUNKED", body: "0\r\n\r\n"), "POST / x|"),
        .kept("6.1", "chunked behind a tab", post("Transfer-Encoding:\tchunked", body: "0\r\n\r\n"), "POST / x|"),
        .kept(
            "6.1", "GET with chunks", get("Host: x", "Transfer-Encoding: chunked") + "1\r\na\r\n0\r\n\r\n", "GET / x|a"),
    ]

    /// Chunks: section 7.1.
    static let chunks: [RequestCase] = [
        .kept("7.1", "two chunks", chunked("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"), "POST / x|abcde"),
        .kept("7.1", "no chunk", chunked("0\r\n\r\n"), "POST / x|"),
        .kept(
            "7.1", "sizes in hex", chunked("a\r\n0123456789\r\nB\r\n0123456789a\r\n0\r\n\r\n"),
            "POST / x|01234567890123456789a"),
        .kept("7.1", "sizes with zeros before them", chunked("0003\r\nabc\r\n000\r\n\r\n"), "POST / x|abc"),
        .kept("7.1", "a chunk of line ends", chunked("4\r\n\r\n\r\n\r\n0\r\n\r\n"), "POST / x|\r\n\r\n"),
        .kept("7.1", "a chunk that ends with CR", chunked("3\r\nab\r\r\n0\r\n\r\n"), "POST / x|ab\r"),
        .kept(
            "7.1", "a hundred chunks", chunked(String(repeating: "1\r\na\r\n", count: 100) + "0\r\n\r\n"),
            "POST / x|100 bytes"),
        .kept("7.1.1", "an extension", chunked("3;a=b\r\nabc\r\n0\r\n\r\n"), "POST / x|abc"),
        .kept("7.1.1", "an extension without a value", chunked("3;a\r\nabc\r\n0;z\r\n\r\n"), "POST / x|abc"),
        .kept("7.1.1", "an extension behind every size", chunked("3;a=b\r\nabc\r\n0;c=d\r\n\r\n"), "POST / x|abc"),
        .kept("7.1.1", "an extension in quotes", chunked("3;a=\"b c;\"\r\nabc\r\n0\r\n\r\n"), "POST / x|abc"),
        .kept("7.1.2", "a trailer", chunked("3\r\nabc\r\n0\r\nA: b\r\n\r\n"), "POST / x|abc"),
        .kept("7.1.2", "two trailers", chunked("3\r\nabc\r\n0\r\nA: b\r\nC: d\r\n\r\n"), "POST / x|abc"),
        .kept(
            "9110:6.5.1", "a trailer that must not be one", chunked("1\r\na\r\n0\r\nHost: evil\r\n\r\n"), "POST / x|a"),
        .kept("9110:6.5.1", "a length as a trailer", chunked("1\r\na\r\n0\r\nContent-Length: 5\r\n\r\n"), "POST / x|a"),
        .refused(
            "9110:6.5.1", "a coding as a trailer", 400, chunked("1\r\na\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n")),
        .refused("7.1", "a size with a plus", 400, chunked("+3\r\nabc\r\n0\r\n\r\n")),
        .refused("7.1", "a size with a minus", 400, chunked("-3\r\nabc\r\n0\r\n\r\n")),
        .refused("7.1", "a size with 0x", 400, chunked("0x3\r\nabc\r\n0\r\n\r\n")),
        .refused("7.1", "a size with a space before it", 400, chunked(" 3\r\nabc\r\n0\r\n\r\n")),
        .refused("7.1", "a size with a space behind it", 400, chunked("3 \r\nabc\r\n0\r\n\r\n")),
        .refused("7.1", "a size with a tab behind it", 400, chunked("3\t\r\nabc\r\n0\r\n\r\n")),
        .refused("7.1", "a size that is no number", 400, chunked("g\r\nabc\r\n0\r\n\r\n")),
        .refused("7.1", "a size with an underscore", 400, chunked("1_0\r\nabc\r\n0\r\n\r\n")),
        .refused("7.1", "no size", 400, chunked("\r\nabc\r\n0\r\n\r\n")),
        .refused("7.1", "no size but an extension", 400, chunked(";a\r\nabc\r\n0\r\n\r\n")),
        .refused("7.1", "a size of 2^64", 400, chunked("10000000000000000\r\nabc\r\n0\r\n\r\n")),
        .refused("7.1", "a size of 2^64 + 3", 400, chunked("10000000000000003\r\nabc\r\n0\r\n\r\n")),
        .refused("7.1", "a size of many digits", 400, chunked("fffffffffffffffffffff\r\nabc\r\n0\r\n\r\n")),
        .refused("7.1", "no line end behind a chunk", 400, chunked("3\r\nabc0\r\n\r\n")),
        .refused("7.1", "a chunk longer than its size", 400, chunked("3\r\nabcd\r\n0\r\n\r\n")),
        .refused("7.1", "a chunk shorter than its size", 400, chunked("4\r\nabc\r\n0\r\n\r\n")),
        .refused("7.1", "a bare LF behind a size", 400, chunked("3\nabc\r\n0\r\n\r\n")),
        .refused("7.1", "a bare LF behind a chunk", 400, chunked("3\r\nabc\n0\r\n\r\n")),
        .refused("7.1", "a bare LF behind a chunk that ends with CR", 400, chunked("3\r\nab\r\n0\r\n\r\n")),
        .refused("7.1", "a bare LF behind the last size", 400, chunked("3\r\nabc\r\n0\n\r\n")),
        .refused("7.1", "a bare LF at the end", 400, chunked("3\r\nabc\r\n0\r\n\n")),
        .refused("7.1", "bare LFs throughout", 400, chunked("3\nabc\n0\n\n")),
        .refused("7.1", "a bare CR behind a size", 400, chunked("3\rabc\r\n0\r\n\r\n")),
        .refused("7.1", "a bare CR behind a chunk", 400, chunked("3\r\nabc\r0\r\n\r\n")),
        .refused("7.1.1", "a bare LF behind an extension", 400, chunked("3;a\nabc\r\n0\r\n\r\n")),
        .refused("7.1.1", "a bare LF behind an extension's value", 400, chunked("3;a=b\nabc\r\n0\r\n\r\n")),
        .refused("7.1.1", "a bare CR within an extension", 400, chunked("3;a\rb\r\nabc\r\n0\r\n\r\n")),
        .refused("7.1.1", "a NUL within an extension", 400, chunked("3;a\0\r\nabc\r\n0\r\n\r\n")),
        .refused("7.1.1", "a quote without its end", 400, chunked("3;a=\"b\r\nabc\r\n0\r\n\r\n")),
        .refused(
            "7.1.1", "an extension of 20,000 bytes", 400,
            chunked("3;\(String(repeating: "a", count: 20_000))\r\nabc\r\n0\r\n\r\n")),
        .refused(
            "7.1.1", "single bytes with long extensions", 400,
            chunked(String(repeating: "1;\(String(repeating: "a", count: 100))\r\nb\r\n", count: 300) + "0\r\n\r\n")),
        .refused("7.1.2", "a trailer with a bare LF", 400, chunked("1\r\na\r\n0\r\nA: b\n\r\n")),
        .refused("7.1.2", "a trailer that is folded", 400, chunked("1\r\na\r\n0\r\nA: b\r\n c\r\n\r\n")),
        .refused("7.1.2", "a trailer without a colon", 400, chunked("1\r\na\r\n0\r\nA\r\n\r\n")),
        .refused("7.1.2", "a trailer with a space before the colon", 400, chunked("1\r\na\r\n0\r\nA : b\r\n\r\n")),
        .refused("7.1.2", "a trailer with an empty name", 400, chunked("1\r\na\r\n0\r\n: b\r\n\r\n")),
        .refused("7.1.2", "a trailer with a NUL", 400, chunked("1\r\na\r\n0\r\nA: b\0\r\n\r\n")),
        .refused("7.1.2", "a trailer with a bare CR", 400, chunked("1\r\na\r\n0\r\nA: b\rc\r\n\r\n")),
        .refused(
            "7.1.2", "trailers of 20,000 bytes", 400,
            chunked("1\r\na\r\n0\r\n\(String(repeating: "A: bbbbbb\r\n", count: 2000))\r\n")),
        .refused(
            "7.1.2", "a trailer of 20,000 bytes", 400,
            chunked("1\r\na\r\n0\r\nA: \(String(repeating: "b", count: 20_000))\r\n\r\n")),
    ]

    /// `Expect`: RFC 9110, section 10.1.1. The bytes hold the body, too: a client need not wait.
    static let expectations: [RequestCase] = [
        RequestCase(
            name: "the client asks for permission", section: "9110:10.1.1",
            bytes: latin1Bytes(post("Expect: 100-continue", "Content-Length: 3", body: "abc")),
            answers: [.interim, .handled("POST / x|abc")], end: .keeps),
        RequestCase(
            name: "the client asks in capitals, with chunks", section: "9110:10.1.1",
            bytes: latin1Bytes(post("Expect: 100-CONTINUE", "Transfer-Encoding: chunked", body: "1\r\na\r\n0\r\n\r\n")),
            answers: [.interim, .handled("POST / x|a")], end: .keeps),
        .kept("9110:10.1.1", "the client asks without a body", get("Host: x", "Expect: 100-continue"), "GET / x|"),
        .refused("9110:10.1.1", "another expectation", 417, post("Expect: a", "Content-Length: 3", body: "abc")),
        .refused("9110:10.1.1", "two expectations", 417, get("Host: x", "Expect: 100-continue, a")),
        .last(
            "9110:10.1.1", "HTTP/1.0 cannot ask",
            message(["POST / HTTP/1.0", "Expect: 100-continue", "Content-Length: 3"], "abc"), "POST / -|abc"),
        .refused(
            "9110:10.1.1", "the client asks for too large a body", 413,
            post("Expect: 100-continue", "Content-Length: 2000000")),
    ]

    /// Requests that hide another one: it must never be answered as a request of its own.
    static let smuggling: [RequestCase] = [
        .refused(
            "11.2", "a length and chunks, a request behind the chunks", 400,
            post("Content-Length: 4", "Transfer-Encoding: chunked", body: "0\r\n\r\n" + get("Host: evil"))),
        .refused(
            "11.2", "a coding hidden by a space", 400,
            post("Content-Length: 5", "Transfer-Encoding : chunked", body: "0\r\n\r\n" + get("Host: evil"))),
        .refused(
            "11.2", "a coding hidden by folding", 400,
            post("Content-Length: 5", "A: b", " Transfer-Encoding: chunked", body: "0\r\n\r\n" + get("Host: evil"))),
        .refused(
            "11.2", "a coding hidden by a bare LF", 400,
            post("Content-Length: 5", "A: b\nTransfer-Encoding: chunked", body: "0\r\n\r\n" + get("Host: evil"))),
        .refused(
            "11.2", "a coding hidden by a bare CR", 400,
            post("Content-Length: 5", "A: b\rTransfer-Encoding: chunked", body: "0\r\n\r\n" + get("Host: evil"))),
        .refused(
            "11.2", "a coding hidden by a NUL", 400,
            post("Content-Length: 5", "Transfer-Encoding\0: chunked", body: "0\r\n\r\n" + get("Host: evil"))),
        .refused(
            "11.2", "a coding hidden by a control character", 400,
            post("Content-Length: 5", "Transfer-Encoding: \u{1}chunked", body: "0\r\n\r\n" + get("Host: evil"))),
        .refused(
            "11.2", "a length hidden by another", 400,
            post("Content-Length: 0", "Content-Length: 30", body: get("Host: evil"))),
        .refused(
            "11.2", "a size that overflows", 400,
            chunked("100000000000000000\r\n" + get("Host: evil") + "\r\n0\r\n\r\n")),
        .refused(
            "11.2", "an extension that hides a line end", 400,
            chunked("2;\nxx\r\n4c\r\n0\r\n\r\n" + get("Host: evil"))),
        .refused(
            "11.2", "a chunk that ends with two bytes of anything", 400,
            chunked("2\r\nabXX0\r\n\r\n" + get("Host: evil"))),
        .refused(
            "11.2", "a request behind a malformed line", 400, "GET / HTTP/1.1 x\r\nHost: x\r\n\r\n" + get("Host: evil")),
        .refused("11.1", "a request line within a field", 400, get("Host: x", "A: b\r", "GET /evil HTTP/1.1")),
        .refused(
            "11.2", "an unknown coding and a request", 400,
            post("Transfer-Encoding: chunked, x", body: "0\r\n\r\n" + get("Host: evil"))),
    ]

    /// The whole table.
    package static let all: [RequestCase] =
        lines + fields + connections + lengths + chunks + expectations + smuggling
}
