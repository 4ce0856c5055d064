extension RequestCase {
    /// Fields in general, and `Host`: sections 3.2 and 5.
    static let fields: [RequestCase] = [
        .refused("3.2", "no Host", 400, get("Accept: */*")),
        .refused("3.2", "two Hosts", 400, get("Host: x", "Host: y")),
        .refused("3.2", "the same Host twice", 400, get("Host: x", "host: x")),
        .refused("3.2", "a Host with userinfo", 400, get("Host: u@x")),
        .refused("3.2", "a Host with a path", 400, get("Host: x/a")),
        .refused("3.2", "a Host with a scheme", 400, get("Host: http://x")),
        .refused("3.2", "a Host with a space", 400, get("Host: x y")),
        .refused("3.2", "a Host of two", 400, get("Host: x, y")),
        .refused("3.2", "a Host with a port of letters", 400, get("Host: x:http")),
        .refused("3.2", "a Host with a port too large", 400, get("Host: x:65536")),
        .refused("3.2", "a Host with a signed port", 400, get("Host: x:+80")),
        .refused("3.2", "a Host with two ports", 400, get("Host: x:80:80")),
        .refused("3.2", "a Host of IPv6 without its bracket", 400, get("Host: [::1")),
        .refused("3.2", "a Host of IPv6 without brackets", 400, get("Host: ::1")),
        .refused("3.2", "a Host with words behind the bracket", 400, get("Host: [::1]x")),
        .refused("3.2", "a Host that is a port alone", 400, get("Host: :80")),
        .refused("3.2", "a Host beyond ASCII", 400, get("Host: \u{E9}")),
        .refused("3.2", "a Host with a NUL", 400, get("Host: x\0y")),
        .kept("3.2", "an empty Host", get("Host:"), "GET / |"),
        .kept("3.2", "a Host with a port", get("Host: x:8080"), "GET / x:8080|"),
        .kept("3.2", "a Host with an empty port", get("Host: x:"), "GET / x:|"),
        .kept("3.2", "a Host of IPv6", get("Host: [::1]:80"), "GET / [::1]:80|"),
        .kept("3.2", "a Host in capitals", get("HOST: X"), "GET / X|"),
        .kept("5.1", "no space behind the colon", get("Host:x"), "GET / x|"),
        .kept("5.1", "tabs and spaces around a value", get("Host: \t x \t "), "GET / x|"),
        .kept("5.1", "an empty value", get("Host: x", "A:"), "GET / x|"),
        .kept("5.1", "the same field often", get("Host: x", "A: b", "A: c", "a: d"), "GET / x|"),
        .kept("5.5", "bytes beyond ASCII in a value", get("Host: x", "A: \u{E9}\u{FF}"), "GET / x|"),
        .kept("5.5", "a tab within a value", get("Host: x", "A: b\tc"), "GET / x|"),
        .kept("9110:5.6.2", "a name of all token characters", get("Host: x", "!#$%&'*+-.^_`|~09azAZ: b"), "GET / x|"),
        .refused("5.1", "a space before the colon", 400, get("Host: x", "A : b")),
        .refused("5.1", "a tab before the colon", 400, get("Host: x", "A\t: b")),
        .refused("5.1", "a space before the colon of Host", 400, get("Host : x")),
        .refused("5.1", "a space before the colon of Content-Length", 400, post("Content-Length : 3", body: "abc")),
        .refused("5.1", "a space within a name", 400, get("Host: x", "A b: c")),
        .refused("5.1", "an empty name", 400, get("Host: x", ": b")),
        .refused("5.1", "no colon", 400, get("Host: x", "A")),
        .refused("5.1", "a name that is no token", 400, get("Host: x", "A(b): c")),
        .refused("5.1", "a name in quotes", 400, get("Host: x", "\"A\": c")),
        .refused("5.1", "a name beyond ASCII", 400, get("Host: x", "\u{C9}: c")),
        .refused("5.1", "a name with a NUL", 400, get("Host: x", "A\0: c")),
        .refused("5.2", "a folded field", 400, get("Host: x", "A: b", " c")),
        .refused("5.2", "a field folded by a tab", 400, get("Host: x", "A: b", "\tc")),
        .refused("5.2", "a folded Host", 400, get("Host:", " x")),
        .refused("5.2", "a folded Transfer-Encoding", 400, post("Transfer-Encoding:", " chunked", body: "0\r\n\r\n")),
        .refused("5.5", "a NUL in a value", 400, get("Host: x", "A: b\0c")),
        .refused("5.5", "a bare CR in a value", 400, get("Host: x", "A: b\rc")),
        .refused("5.5", "a bare CR at the end of a value", 400, get("Host: x", "A: b\r")),
        .refused("5.5", "a control character in a value", 400, get("Host: x", "A: b\u{1}c")),
        .refused("5.5", "a DEL in a value", 400, get("Host: x", "A: b\u{7F}c")),
        .refused("2.2", "a bare LF behind a field", 400, "GET / HTTP/1.1\r\nHost: x\nA: b\r\n\r\n"),
        .refused("2.2", "a bare LF at the end of the head", 400, "GET / HTTP/1.1\r\nHost: x\r\n\n"),
        .refused("2.2", "a CR alone at the end of the head", 400, "GET / HTTP/1.1\r\nHost: x\r\n\rA\r\n\r\n"),
        .kept(
            "9110:5.4", "a hundred fields", message(["GET / HTTP/1.1", "Host: x"] + (0..<100).map { "A\($0): b" }),
            "GET / x|"),
        .refused(
            "9110:5.4", "two hundred fields", 431,
            message(["GET / HTTP/1.1", "Host: x"] + (0..<200).map { "A\($0): b" })),
        .refused(
            "9110:5.4", "a value of 20,000 bytes", 431, get("Host: x", "A: " + String(repeating: "b", count: 20_000))),
        .refused(
            "9110:5.4", "a name of 20,000 bytes", 431, get("Host: x", String(repeating: "b", count: 20_000) + ": a")),
        .refused(
            "9110:5.4", "a mistake behind the limit of the head", 431,
            get("Host: x", "A: " + String(repeating: "b", count: 17_000), "A B: c\n")),
        .kept(
            "9110:5.4", "a value of 8,000 bytes", get("Host: x", "A: " + String(repeating: "b", count: 8000)),
            "GET / x|"),
    ]

    /// Connections: section 9.
    static let connections: [RequestCase] = [
        .kept("9.3", "keep-alive, said needlessly", get("Host: x", "Connection: keep-alive"), "GET / x|"),
        .last("9.6", "close", get("Host: x", "Connection: close"), "GET / x|"),
        .last("9.6", "close in capitals", get("Host: x", "CONNECTION: CLOSE"), "GET / x|"),
        .last("9.6", "close among others", get("Host: x", "Connection: keep-alive, Close"), "GET / x|"),
        .last("9.6", "close before others", get("Host: x", "Connection: close ,x-a"), "GET / x|"),
        .last("9.6", "close in a second field", get("Host: x", "Connection: x-a", "Connection: close"), "GET / x|"),
        .kept("9.6", "a token that begins with close", get("Host: x", "Connection: closed"), "GET / x|"),
        .kept("9.6", "a token that ends with close", get("Host: x", "Connection: x-close"), "GET / x|"),
        .kept("9.6", "an empty Connection", get("Host: x", "Connection:"), "GET / x|"),
        .last("9.3", "HTTP/1.0", message(["GET / HTTP/1.0", "Host: x"]), "GET / x|"),
        .last("9.3", "HTTP/1.0 without Host", message(["GET / HTTP/1.0"]), "GET / -|"),
        .refused("3.2", "HTTP/1.0 with two Hosts", 400, message(["GET / HTTP/1.0", "Host: x", "Host: y"])),
        .kept("9.3", "HTTP/1.0 with keep-alive", message(["GET / HTTP/1.0", "Connection: keep-alive"]), "GET / -|"),
        .kept("9.3", "HTTP/1.0 with Keep-Alive", message(["GET / HTTP/1.0", "Connection: Keep-Alive"]), "GET / -|"),
        .last("9.3", "HTTP/1.0 with close", message(["GET / HTTP/1.0", "Connection: close"]), "GET / -|"),
        .last(
            "9.6", "HTTP/1.0 with both", message(["GET / HTTP/1.0", "Connection: close, keep-alive"]), "GET / -|"),
        .kept(
            "9.3", "HTTP/1.0 with a length",
            message(["POST / HTTP/1.0", "Connection: keep-alive", "Content-Length: 2"], "ab"), "POST / -|ab"),
        .kept(
            "9110:7.8", "an upgrade is ignored",
            get("Host: x", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: a"), "GET / x|"),
        .kept(
            "9110:7.8", "an upgrade to HTTP/2 is ignored",
            get("Host: x", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"),
            "GET / x|"),
        .kept(
            "9110:7.8", "an upgrade with a body is ignored",
            post("Connection: Upgrade", "Upgrade: x", "Content-Length: 3", body: "abc"), "POST / x|abc"),
        .last(
            "9110:7.8", "an upgrade and close", get("Host: x", "Connection: upgrade, close", "Upgrade: x"), "GET / x|"),
        .kept(
            "9.3.2", "three requests at once", get("Host: x") + get("Host: y") + get("Host: z"), "GET / x|", "GET / y|",
            "GET / z|"),
        .kept(
            "9.3.2", "requests with bodies at once",
            post("Content-Length: 3", body: "abc") + chunked("2\r\nde\r\n0\r\n\r\n") + get("Host: z"), "POST / x|abc",
            "POST / x|de", "GET / z|"),
        .kept(
            "9.3.2", "HEAD, then GET at once", message(["HEAD / HTTP/1.1", "Host: x"]) + get("Host: y"), "HEAD / x|",
            "GET / y|"),
        RequestCase(
            name: "a good request, then a bad one", section: "9.3.2",
            bytes: latin1Bytes(get("Host: x") + get("Host : y")), answers: [.handled("GET / x|"), .refused(400)],
            end: .closes),
        .last("9.3.2", "close, then another", get("Host: x", "Connection: close") + get("Host: y"), "GET / x|"),
        .last(
            "9.3.2", "HTTP/1.0, then another", message(["GET / HTTP/1.0", "Host: x"]) + get("Host: y"), "GET / x|"),
        RequestCase(
            name: "the client ends its side behind a request", section: "9.6", bytes: latin1Bytes(get("Host: x")),
            answers: [.handled("GET / x|")], end: .closes, endsSending: true),
        RequestCase(
            name: "the client ends its side behind three requests", section: "9.6",
            bytes: latin1Bytes(get("Host: x") + get("Host: y") + get("Host: z")),
            answers: [.handled("GET / x|"), .handled("GET / y|"), .handled("GET / z|")], end: .closes, endsSending: true
        ),
        RequestCase(
            name: "the client ends its side within a second request", section: "8",
            bytes: latin1Bytes(get("Host: x") + "GET / HTTP/1.1\r\nHo"),
            answers: [.handled("GET / x|"), .refused(400)],
            end: .closes, endsSending: true),
        RequestCase(
            name: "the client ends its side within a second request line", section: "8",
            bytes: latin1Bytes(get("Host: x") + "GET / HT"), answers: [.handled("GET / x|")], end: .closes,
            endsSending: true),
        RequestCase(
            name: "the client ends its side within a head", section: "8",
            bytes: latin1Bytes("GET / HTTP/1.1\r\nHost: x\r\n"),
            answers: [.refused(400)], end: .closes, endsSending: true),
        RequestCase(
            name: "the client ends its side within a body", section: "8",
            bytes: latin1Bytes(post("Content-Length: 10", body: "abc")), answers: [.refused(400)], end: .closes,
            endsSending: true),
        RequestCase(
            name: "the client ends its side within a chunk", section: "8", bytes: latin1Bytes(chunked("5\r\nabc")),
            answers: [.refused(400)], end: .closes, endsSending: true),
        RequestCase(
            name: "the client ends its side before the last chunk", section: "8",
            bytes: latin1Bytes(chunked("3\r\nabc\r\n")),
            answers: [.refused(400)], end: .closes, endsSending: true),
        RequestCase(
            name: "the client ends its side without a request", section: "9.6", bytes: [], answers: [], end: .closes,
            endsSending: true),
        RequestCase(
            name: "the client ends its side behind an empty line", section: "9.6", bytes: latin1Bytes("\r\n"),
            answers: [],
            end: .closes, endsSending: true),
    ]
}
