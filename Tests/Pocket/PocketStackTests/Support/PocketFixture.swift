import Encoding
import Glibc
import HTTP
import Logging
import Metrics
import Synchronization

@testable import PocketAPI
@testable import PocketStore

/// A folder that is gone after the test.
final class TemporaryFolder: Sendable {
    let path: String

    init() {
        var template = Array("/tmp/pocket-XXXXXX".utf8CString)
        path = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? "/tmp/pocket"
        }
    }

    deinit { Self.remove(path) }

    static func remove(_ path: String) {
        if let folder = opendir(path) {
            while let entry = readdir(folder) {
                let name = withUnsafeBytes(of: entry.pointee.d_name) {
                    String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                }
                if name != ".", name != ".." { remove(path + "/" + name) }
            }
            closedir(folder)
            rmdir(path)
        } else {
            unlink(path)
        }
    }
}

/// A moment that a test moves.
final class MovableClock: Sendable {
    private let time: Mutex<UInt64>

    init(_ time: UInt64) { self.time = Mutex(time) }

    var wallClock: WallClock { WallClock { self.now } }
    var now: UInt64 { time.withLock { $0 } }
    func advance(seconds: Double) { time.withLock { $0 += UInt64(seconds * 1e9) } }
}

/// A pocket database with its log API, in memory or in a folder.
struct PocketFixture: Sendable {
    /// 2026-11-20T16:00:00Z.
    static let start: UInt64 = 1_795_190_400_000_000_000

    let database: PocketDatabase
    let clock: MovableClock
    let responder: any HTTPResponder

    init(
        path: String = ":memory:", clock: MovableClock = MovableClock(PocketFixture.start),
        configuration: PocketDatabase.Configuration = .init()
    ) async throws {
        database = try await PocketDatabase.open(
            path: path, components: [LogSchema.component], configuration: configuration)
        self.clock = clock
        let router = Router()
        LokiAPI(database: database, clock: clock.wallClock, metrics: NOOPMetricsHandler()).addRoutes(to: router)
        responder = router.buildResponder()
    }

    func send(_ request: Request) async throws -> Response {
        try await responder.respond(to: request, context: RequestContext(logger: .noOp))
    }

    func get(_ path: String, _ parameters: [(String, String)] = [], headers: HTTPFields = [:]) async throws -> Response
    {
        let query = parameters.map { "\($0.0)=\(PercentEncoding.encode($0.1))" }.joined(separator: "&")
        return try await send(Request(uri: path + (query.isEmpty ? "" : "?" + query), headers: headers))
    }

    /// The answer to a query over the hour before and after now.
    func query(
        _ query: String, _ parameters: [(String, String)] = [], headers: HTTPFields = [:]
    ) async throws
        -> Response
    {
        let now = clock.now
        let hour: UInt64 = 3_600_000_000_000
        let range = [("start", String(now - hour)), ("end", String(now + hour))]
            .filter { given in !parameters.contains { $0.0 == given.0 } }
        return try await get("/loki/api/v1/query_range", [("query", query)] + range + parameters, headers: headers)
    }

    func push(_ body: String) async throws -> Response {
        try await send(
            Request(
                method: .post, uri: "/loki/api/v1/push", headers: ["content-type": "application/json"],
                body: Array(body.utf8)))
    }

    /// Pushes lines of one stream, each `seconds` from now.
    func push(
        _ labels: [(String, String)], _ lines: [(seconds: Double, line: String, metadata: [(String, String)])]
    ) async throws -> Response {
        var json = JSONWriter()
        json.object {
            $0.name("streams")
            $0.array {
                $0.object {
                    $0.name("stream")
                    $0.object { for (name, value) in labels { $0.member(name, value) } }
                    $0.name("values")
                    $0.array {
                        for line in lines {
                            $0.array {
                                let time = Double(clock.now) / 1e6 + line.seconds * 1000
                                $0.value(String(UInt64(time.rounded()) * 1_000_000))
                                $0.value(line.line)
                                $0.object { for (name, value) in line.metadata { $0.member(name, value) } }
                            }
                        }
                    }
                }
            }
        }
        return try await push(json.string)
    }

    func close() async { await database.close() }
}

extension Response {
    var text: String { String(decoding: body, as: UTF8.self) }
    var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
    /// The `result` of a query's answer.
    var result: [JSONValue] { json["data"]?["result"]?.array ?? [] }
    /// The texts of all lines in a query's answer.
    var lines: [String] {
        result.flatMap { stream in (stream["values"]?.array ?? []).compactMap { $0[1]?.string } }
    }
}
