import EventLoop
import Glibc
import HTTP
import HTTPConformance
import HTTPFuzzing
import Logging
import Testing

/// What a server makes of every request of the table, however its bytes arrive.
@Suite("RFC 9112, the server")
struct RequestTableTests {
    private static func run(_ body: (_ port: Endpoint, _ socket: Endpoint) throws -> Void) async throws {
        try await withSocketFolder { folder in
            let loop = try EventLoop(name: "test")
            try loop.start()
            defer { loop.stop() }
            var configuration = HTTPServer.Configuration()
            configuration.socketPath = folder + "/server.sock"
            let server = HTTPServer(
                configuration: configuration, responder: Teller(), eventLoop: loop, logger: .noOp)
            try await server.start()
            let result = Result { try body(.port(server.port), .socket(folder + "/server.sock")) }
            await server.shutdown()
            try result.get()
        }
    }

    @Test("The table has no entry twice, and enough of them")
    func theTableHasNoEntryTwice() {
        #expect(Set(RequestCase.all.map(\.description)).count == RequestCase.all.count)
        #expect(RequestCase.all.count >= 120)
    }

    @Test("Every request over TCP is answered as the table says")
    func everyRequestIsAnsweredOverTCP() async throws {
        try await Self.run { port, _ in
            for entry in RequestCase.all { #expect(throws: Never.self) { try entry.run(at: port, .telling) } }
        }
    }

    @Test("Every request is answered alike in pieces of every size")
    func everyRequestIsAnsweredInPieces() async throws {
        try await Self.run { _, socket in
            for entry in RequestCase.all {
                for cut in Cut.all(entry.bytes.count) {
                    #expect(throws: Never.self) { try entry.run(at: socket, .telling, cut) }
                }
            }
        }
    }

    @Test("Requests that keep the connection are answered one after the other")
    func requestsAreAnsweredOneAfterTheOther() async throws {
        try await Self.run { port, socket in
            let kept = RequestCase.all.filter { $0.end == .keeps }
            for endpoint in [port, socket] {
                #expect(throws: Never.self) { try RequestCase.run(pipelined: kept, at: endpoint, .telling) }
                #expect(throws: Never.self) { try RequestCase.run(pipelined: kept.reversed(), at: endpoint, .telling) }
            }
        }
    }

    @Test("A request is refused alike behind every other one")
    func aRequestIsRefusedBehindEveryOtherOne() async throws {
        try await Self.run { port, _ in
            let kept = RequestCase.all.filter { $0.end == .keeps && $0.bytes.count < 1000 }
            for (index, entry) in RequestCase.all.enumerated() where entry.end == .closes && !entry.answers.isEmpty {
                let before = kept[index % kept.count]
                var both = entry
                both.name += ", behind " + before.name
                both.bytes = before.bytes + entry.bytes
                both.answers = before.answers + entry.answers
                #expect(throws: Never.self) { try both.run(at: port, .telling) }
            }
        }
    }

    @Test("The parser makes the same of a request however it is cut")
    func theParserMakesTheSameOfARequestHoweverItIsCut() throws {
        for entry in RequestCase.all {
            let whole = try ParserTrace(.requests, [entry.bytes[...]], maximumHeadSize: 16 << 10)
            for cut in Cut.all(entry.bytes.count) {
                let trace = try ParserTrace(.requests, cut.pieces(of: entry.bytes), maximumHeadSize: 16 << 10)
                #expect(trace == whole, "\(entry) \(cut)")
            }
        }
    }
}

/// Runs `body` with an empty folder whose path is short enough for sockets.
func withSocketFolder<R>(_ body: (String) async throws -> R) async throws -> R {
    var template = Array("/tmp/tailspan-http.XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    let folder = String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let result: Result<R, any Error>
    do { result = .success(try await body(folder)) } catch { result = .failure(error) }
    for name in ["server.sock", "scripted.sock", "file"] { unlink(folder + "/" + name) }
    rmdir(folder)
    return try result.get()
}
