extension ResponseCase {
    private static let empty = "Content-Length: 0"

    /// Status lines and fields: sections 4 and 5.
    static let heads: [ResponseCase] = [
        .reused("4", "a plain response", ok("Content-Length: 2", body: "ok"), 200, "ok"),
        .reused("4", "no reason", message(["HTTP/1.1 200 ", empty]), 200),
        .reused("4", "neither reason nor space", message(["HTTP/1.1 200", empty]), 200),
        .reused("4", "a reason beyond ASCII", message(["HTTP/1.1 404 Nicht da: \u{E9}", empty]), 404),
        .reused("4", "a status that nobody knows", message(["HTTP/1.1 299 A", empty]), 299),
        .reused("4", "an error", message(["HTTP/1.1 503 Service Unavailable", "Content-Length: 1"], "a"), 503, "a"),
        .wrong("4", "a status of two digits", message(["HTTP/1.1 20 OK", empty])),
        .wrong("4", "a status of four digits", message(["HTTP/1.1 2000 OK", empty])),
        .wrong("4", "a status below 100", message(["HTTP/1.1 099 OK", empty])),
        .wrong("4", "a status above 599", message(["HTTP/1.1 600 OK", empty])),
        .wrong("4", "a status with a sign", message(["HTTP/1.1 +200 OK", empty])),
        .wrong("4", "a status of letters", message(["HTTP/1.1 abc OK", empty])),
        .wrong("4", "no status", message(["HTTP/1.1", empty])),
        .wrong("4", "two spaces before the status", message(["HTTP/1.1  200 OK", empty])),
        .wrong("4", "a tab before the status", message(["HTTP/1.1\t200 OK", empty])),
        .wrong("4", "no space behind the status", message(["HTTP/1.1 200OK", empty])),
        .wrong("4", "a NUL in the reason", message(["HTTP/1.1 200 O\0K", empty])),
        .wrong("4", "a bare CR in the reason", message(["HTTP/1.1 200 O\rK", empty])),
        .wrong("2.3", "HTTP/0.9", "hello, this is the answer\r\n\r\n", ends: true),
        .wrong("2.3", "HTTP/2.0", message(["HTTP/2.0 200 OK", empty])),
        .wrong("2.3", "HTTP/1.2", message(["HTTP/1.2 200 OK", empty])),
        .wrong("2.3", "a version in lower case", message(["http/1.1 200 OK", empty])),
        .wrong("2.3", "a version of one digit", message(["HTTP/1 200 OK", empty])),
        .wrong("2.3", "another protocol", message(["ICY 200 OK", empty])),
        .wrong("2.2", "an empty line before the response", "\r\n" + ok(empty)),
        .wrong("2.2", "a space before the response", " " + ok(empty)),
        .wrong("2.2", "a request instead of a response", message(["GET / HTTP/1.1", "Host: x"])),
        .wrong("2.2", "bare LFs", "HTTP/1.1 200 OK\nContent-Length: 0\n\n"),
        .wrong("2.2", "a bare LF behind a field", "HTTP/1.1 200 OK\r\nContent-Length: 0\nA: b\r\n\r\n"),
        .wrong("2.2", "a bare LF at the end of the head", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\n"),
        .reused("5.1", "white space around a value", ok("Content-Length: \t2 ", body: "ok"), 200, "ok"),
        .reused("5.5", "bytes beyond ASCII in a value", ok("A: \u{E9}", empty), 200),
        .wrong("5.1", "a space before the colon", ok("Content-Length : 2", body: "ok")),
        .wrong("5.1", "an empty name", ok(": a", empty)),
        .wrong("5.1", "no colon", ok("A", empty)),
        .wrong("5.1", "a name that is no token", ok("A B: c", empty)),
        .wrong("5.2", "a folded field", ok("A: b", " c", empty)),
        .wrong("5.2", "a space before the first field", ok(" A: b", empty)),
        .wrong("5.5", "a NUL in a value", ok("A: b\0", empty)),
        .wrong("5.5", "a bare CR in a value", ok("A: b\rc", empty)),
        .wrong("5.5", "a control character in a value", ok("A: b\u{1}", empty)),
        .wrong("9110:5.4", "a head of 100,000 bytes", ok("A: " + String(repeating: "b", count: 100_000), empty)),
        .wrong(
            "9110:5.4", "a head of 100,000 bytes that does not end",
            "HTTP/1.1 200 OK\r\nA: " + String(repeating: "b", count: 100_000)),
        .wrong(
            "9110:5.4", "two hundred fields", message(["HTTP/1.1 200 OK"] + (0..<200).map { "A\($0): b" } + [empty])),
    ]

    /// Lengths, codings and connections: sections 6 and 9.
    static let bodies: [ResponseCase] = [
        .reused("6.2", "any bytes", ok("Content-Length: 4", body: "\0\r\n\u{FF}"), 200, "\0\r\n\u{FF}"),
        .reused("6.2", "a length with zeros before it", ok("Content-Length: 002", body: "ok"), 200, "ok"),
        .closed("6.3", "until the end of the connection", ok(body: "all of this"), 200, "all of this", ends: true),
        .closed("6.3", "until the end, and empty", ok(), 200, "", ends: true),
        .closed("6.3", "HTTP/1.0 until the end", message(["HTTP/1.0 200 OK"], "old"), 200, "old", ends: true),
        .wrong("8", "less than the length", ok("Content-Length: 5", body: "abc"), ends: true),
        .wrong("8", "nothing of the length", ok("Content-Length: 5"), ends: true),
        .wrong("8", "a head without its end", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", ends: true),
        .wrong("8", "a status line without its end", "HTTP/1.1 200", ends: true),
        .wrong("8", "nothing at all", "", ends: true),
        .closed("6.3", "more than the length", ok("Content-Length: 2", body: "okay"), 200, "ok"),
        .reused("6.3", "HEAD with a length", ok("Content-Length: 5"), 200, head: true),
        .reused("6.3", "HEAD with chunks", ok("Transfer-Encoding: chunked"), 200, head: true),
        .reused("6.3", "HEAD without a length", ok(), 200, head: true),
        .closed("6.3", "HEAD with a body", ok("Content-Length: 2", body: "ok"), 200, head: true),
        .reused("6.3", "204", message(["HTTP/1.1 204 No Content"]), 204),
        .reused("6.3", "204 with a length", message(["HTTP/1.1 204 No Content", "Content-Length: 5"]), 204),
        .closed("6.3", "204 with a body", message(["HTTP/1.1 204 No Content", "Content-Length: 2"], "ok"), 204),
        .reused("6.3", "304 with a length", message(["HTTP/1.1 304 Not Modified", "Content-Length: 5"]), 304),
        .reused("6.3", "304 without a length", message(["HTTP/1.1 304 Not Modified"]), 304),
        .closed("6.3", "304 with a body", message(["HTTP/1.1 304 Not Modified", "Content-Length: 2"], "ok"), 304),
        .wrong("6.2", "a length with a plus", ok("Content-Length: +2", body: "ok")),
        .wrong("6.2", "a length with a minus", ok("Content-Length: -2", body: "ok")),
        .wrong("6.2", "a length in hex", ok("Content-Length: 0x2", body: "ok")),
        .wrong("6.2", "an empty length", ok("Content-Length:", body: "ok")),
        .wrong("6.2", "a length of 2^64", ok("Content-Length: 18446744073709551616", body: "ok")),
        .wrong("6.2", "a length beyond the limit", ok("Content-Length: 9000000000000000000", body: "ok")),
        .wrong("6.3", "a list of equal lengths", ok("Content-Length: 2, 2", body: "ok")),
        .wrong("6.3", "two equal lengths", ok("Content-Length: 2", "Content-Length: 2", body: "ok")),
        .wrong("6.3", "two different lengths", ok("Content-Length: 2", "Content-Length: 3", body: "okk")),
        .wrong(
            "6.1", "a coding and a length", ok("Transfer-Encoding: chunked", "Content-Length: 2", body: "0\r\n\r\n")),
        .wrong(
            "6.1", "a length and a coding", ok("Content-Length: 2", "Transfer-Encoding: chunked", body: "0\r\n\r\n")),
        .wrong("6.1", "an unknown coding", ok("Transfer-Encoding: x", body: "ok"), ends: true),
        .wrong("6.1", "identity", ok("Transfer-Encoding: identity", body: "ok"), ends: true),
        .wrong("6.1", "gzip before chunked", ok("Transfer-Encoding: gzip, chunked", body: "0\r\n\r\n")),
        .wrong("6.1", "chunked is not last", ok("Transfer-Encoding: chunked, gzip", body: "ok"), ends: true),
        .wrong("6.1", "chunked twice", ok("Transfer-Encoding: chunked, chunked", body: "0\r\n\r\n")),
        .wrong("6.1", "chunked with a word behind it", ok("Transfer-Encoding: chunked ok", body: "ok"), ends: true),
        .wrong(
            "6.1", "chunked with a tab behind it", ok("Transfer-Encoding: chunked\t", body: "0\r\n\r\n"), ends: true),
        .wrong("6.1", "an empty coding", ok("Transfer-Encoding:", body: "ok"), ends: true),
        .wrong("6.1", "a coding in HTTP/1.0", message(["HTTP/1.0 200 OK", "Transfer-Encoding: chunked"], "0\r\n\r\n")),
        .closed("9.6", "close", ok("Connection: close", "Content-Length: 2", body: "ok"), 200, "ok"),
        .closed("9.6", "close among others", ok("Connection: a, Close", "Content-Length: 2", body: "ok"), 200, "ok"),
        .reused("9.6", "keep-alive", ok("Connection: keep-alive", "Content-Length: 2", body: "ok"), 200, "ok"),
        .closed("9.3", "HTTP/1.0 with a length", message(["HTTP/1.0 200 OK", "Content-Length: 2"], "ok"), 200, "ok"),
        .reused(
            "9.3", "HTTP/1.0 that keeps",
            message(["HTTP/1.0 200 OK", "Connection: keep-alive", "Content-Length: 2"], "ok"),
            200, "ok"),
        .reused(
            "9110:7.8", "an offer to upgrade",
            ok("Connection: upgrade", "Upgrade: h2c", "Content-Length: 2", body: "ok"), 200, "ok"),
        .reused("9110:15.5.14", "413", message(["HTTP/1.1 413 Content Too Large", empty]), 413),
    ]

    /// Chunks: section 7.1.
    static let chunks: [ResponseCase] = [
        .reused("7.1", "two chunks", chunked("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"), 200, "abcde"),
        .reused("7.1", "no chunk", chunked("0\r\n\r\n"), 200),
        .reused("7.1.1", "extensions", chunked("3;a=\"b;\"\r\nabc\r\n0;e\r\n\r\n"), 200, "abc"),
        .reused("7.1.2", "trailers", chunked("3\r\nabc\r\n0\r\nA: b\r\nC: d\r\n\r\n"), 200, "abc"),
        .closed("7.1", "more behind the last chunk", chunked("3\r\nabc\r\n0\r\n\r\nmore"), 200, "abc"),
        .wrong("8", "no last chunk", chunked("3\r\nabc\r\n"), ends: true),
        .wrong("8", "the end within a chunk", chunked("5\r\nabc"), ends: true),
        .wrong("8", "the end within the trailers", chunked("3\r\nabc\r\n0\r\nA: b\r\n"), ends: true),
        .wrong("8", "the end within a size", chunked("3"), ends: true),
        .wrong("7.1", "a size with a plus", chunked("+3\r\nabc\r\n0\r\n\r\n")),
        .wrong("7.1", "a size with 0x", chunked("0x3\r\nabc\r\n0\r\n\r\n")),
        .wrong("7.1", "a size with a space", chunked("3 \r\nabc\r\n0\r\n\r\n")),
        .wrong("7.1", "a size that is no number", chunked("ok\r\nabc\r\n0\r\n\r\n")),
        .wrong("7.1", "a size of 2^64 + 3", chunked("10000000000000003\r\nabc\r\n0\r\n\r\n")),
        .wrong("7.1", "no line end behind a chunk", chunked("3\r\nabc0\r\n\r\n")),
        .wrong("7.1", "a chunk longer than its size", chunked("3\r\nabcd\r\n0\r\n\r\n")),
        .wrong("7.1", "a bare LF behind a size", chunked("3\nabc\r\n0\r\n\r\n")),
        .wrong("7.1", "a bare LF behind a chunk", chunked("3\r\nabc\n0\r\n\r\n")),
        .wrong("7.1", "a bare LF at the end", chunked("3\r\nabc\r\n0\r\n\n")),
        .wrong("7.1.1", "a bare LF behind an extension", chunked("3;a\nabc\r\n0\r\n\r\n")),
        .wrong(
            "7.1.1", "an extension of 20,000 bytes",
            chunked("3;\(String(repeating: "a", count: 20_000))\r\nabc\r\n0\r\n\r\n")),
        .wrong("7.1.2", "a trailer with a bare LF", chunked("1\r\na\r\n0\r\nA: b\n\r\n")),
        .wrong("7.1.2", "a trailer that is folded", chunked("1\r\na\r\n0\r\nA: b\r\n c\r\n\r\n")),
        .reused("7.1.2", "a length as a trailer", chunked("1\r\na\r\n0\r\nContent-Length: 9\r\n\r\n"), 200, "a"),
        .wrong(
            "7.1.2", "trailers of 20,000 bytes",
            chunked("1\r\na\r\n0\r\n\(String(repeating: "A: bbbbbb\r\n", count: 2000))\r\n")),
    ]

    private static let proceed = message(["HTTP/1.1 100 Continue"])

    /// Interim responses, and several at once: RFC 9110, section 15.2; RFC 9112, section 9.2.
    static let sequences: [ResponseCase] = [
        .reused("9110:15.2", "100 before the response", proceed + ok("Content-Length: 2", body: "ok"), 200, "ok"),
        .reused(
            "9110:15.2", "three interim responses", proceed + proceed + proceed + ok("Content-Length: 2", body: "ok"),
            200, "ok"),
        .reused(
            "9110:15.2", "103 with fields",
            message(["HTTP/1.1 103 Early Hints", "Link: </a>; rel=preload"]) + ok("Content-Length: 2", body: "ok"), 200,
            "ok"),
        .reused(
            "6.3", "100 with a length, which has no body",
            message(["HTTP/1.1 100 Continue", "Content-Length: 5"]) + ok("Content-Length: 2", body: "ok"), 200, "ok"),
        .reused("9110:15.2", "an interim response to HEAD", proceed + ok("Content-Length: 2"), 200, head: true),
        .wrong(
            "9110:15.2", "a hundred interim responses",
            String(repeating: message(["HTTP/1.1 102 Processing"]), count: 100)),
        .wrong("9110:15.2", "an interim response and the end", proceed, ends: true),
        .wrong("9110:15.2", "an interim response and half a head", proceed + "HTTP/1.1 200 OK\r\n", ends: true),
        .wrong("9110:15.2", "an interim response and nonsense", proceed + "nonsense\r\n\r\n"),
        .wrong(
            "9110:15.2.2", "101", message(["HTTP/1.1 101 Switching Protocols", "Connection: upgrade", "Upgrade: x"])),
        .closed(
            "9.2", "two responses at once", ok("Content-Length: 2", body: "ok") + ok("Content-Length: 4", body: "evil"),
            200,
            "ok"),
        .closed(
            "9.2", "an error behind the response",
            ok("Content-Length: 2", body: "ok") + message(["HTTP/1.1 408 Request Timeout"]), 200, "ok"),
        .closed(
            "9.2", "an interim response behind the response", ok("Content-Length: 2", body: "ok") + proceed, 200, "ok"),
        .closed("9.2", "an empty line behind the response", ok("Content-Length: 2", body: "ok") + "\r\n", 200, "ok"),
        .closed(
            "9.2", "a response behind chunks", chunked("2\r\nok\r\n0\r\n\r\n") + ok("Content-Length: 4", body: "evil"),
            200, "ok"),
        .closed(
            "9.2", "a response behind 204",
            message(["HTTP/1.1 204 No Content"]) + ok("Content-Length: 4", body: "evil"), 204),
    ]
}
