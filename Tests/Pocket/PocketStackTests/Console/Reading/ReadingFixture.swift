import Encoding
import EventLoop
import HTTP
import Logging
import Metrics
import Testing
import Vocabulary

@testable import PocketAPI
@testable import PocketConsole
@testable import PocketStore
@testable import QuerySupport

/// A console over real stores, which the test fills and asks.
struct ReadingFixture: Sendable {
    /// 2026-11-20T16:00:00Z.
    static let start: UInt64 = 1_795_190_400_000_000_000
    static let second: UInt64 = 1_000_000_000

    let database: PocketDatabase
    let clock: MovableClock
    private let responder: any HTTPResponder
    private let intake: any HTTPResponder

    /// Runs `body` with an empty console.
    static func run(
        path: String = ":memory:", services: [ServiceRole: String] = [:], budget: QueryBudget.Limits = .init(),
        access: ConsoleAccess = ConsoleAccess(), _ body: (ReadingFixture) async throws -> Void
    ) async throws {
        let loop = try EventLoop(name: "test")
        try loop.start()
        let client = HTTPClient(eventLoop: loop)
        let fixture = try await ReadingFixture(path, client, services, budget, access)
        let result: Result<Void, any Error>
        do { result = .success(try await body(fixture)) } catch { result = .failure(error) }
        await client.shutdown()
        await fixture.database.close()
        loop.stop()
        try result.get()
    }

    private init(
        _ path: String, _ client: HTTPClient, _ services: [ServiceRole: String], _ budget: QueryBudget.Limits,
        _ access: ConsoleAccess
    ) async throws {
        var options = PocketDatabase.Configuration()
        options.budget = budget
        database = try await PocketDatabase.open(
            path: path, components: [LogSchema.component, TraceStore.component], configuration: options)
        clock = MovableClock(Self.start)
        let store = TraceStore(database: database)
        let (loki, tempo, console, intake) = (Router(), Router(), Router(), Router())
        let api = LokiAPI(database: database, clock: clock.wallClock, metrics: NOOPMetricsHandler())
        api.addRoutes(to: loki)
        api.addRoutes(to: intake)
        TempoAPI(store: store, clock: clock.wallClock).addRoutes(to: tempo)
        OTLPReceiver(store: store, metrics: NOOPMetricsHandler()).addRoutes(to: intake)
        Console(
            traces: store, loki: loki.buildResponder(), tempo: tempo.buildResponder(), client: client,
            services: services, access: access, clock: clock.wallClock
        ).addRoutes(to: console)
        responder = console.buildResponder()
        self.intake = intake.buildResponder()
    }

    // MARK: Asking

    func get(_ path: String, _ parameters: [String: String] = [:]) async throws -> Response {
        let query = parameters.sorted { $0.key < $1.key }
            .map { "\($0.key)=\(PercentEncoding.encode($0.value))" }.joined(separator: "&")
        return try await send(Request(uri: path + (query.isEmpty ? "" : "?" + query)))
    }

    func send(_ request: Request) async throws -> Response {
        try await responder.respond(to: request, context: RequestContext(logger: .noOp))
    }

    /// The answer of an endpoint that must succeed.
    func read(
        _ endpoint: String, _ parameters: [String: String] = [:], sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> JSONValue {
        let response = try await get("/console/api/" + endpoint, parameters)
        #expect(response.status == .ok, "\(response.text)", sourceLocation: sourceLocation)
        return try JSONValue(parsing: response.body)
    }

    // MARK: Filling

    /// A line of a service, `seconds` after the start.
    struct Line {
        var seconds = 0.0
        var service = "gateway"
        var level: String? = "info"
        var line = #"{"message":"request completed"}"#
        var metadata: [String: String] = [:]

        var time: UInt64 { UInt64(Int64(ReadingFixture.start) + Int64((seconds * 1e6).rounded()) * 1000) }
    }

    func push(_ lines: [Line]) async throws {
        var json = JSONWriter()
        json.object {
            $0.name("streams")
            $0.array { json in
                for line in lines {
                    json.object {
                        $0.name("stream")
                        $0.object {
                            $0.member("service_name", line.service)
                            $0.member("service", line.service)
                            if let level = line.level { $0.member("level", level) }
                        }
                        $0.name("values")
                        $0.array {
                            $0.array {
                                $0.value(String(line.time))
                                $0.value(line.line)
                                $0.object { for (name, value) in line.metadata { $0.member(name, value) } }
                            }
                        }
                    }
                }
            }
        }
        let response = try await intake.respond(
            to: Request(
                method: .post, uri: "/loki/api/v1/push", headers: ["content-type": "application/json"],
                body: json.bytes), context: RequestContext(logger: .noOp))
        #expect(response.status.isSuccess, "\(response.text)")
    }

    /// A span, `start` and `duration` in milliseconds after the fixture's start.
    struct Span {
        var trace = 1
        var id = 1
        var parent = 0
        var service = "gateway"
        var name = "GET /v1/tasks"
        var kind = 2
        var start = 0
        var duration = 10
        var status = 0
        var attributes: [String: String] = [:]
    }

    /// The id of the trace with a number.
    static func traceID(_ number: Int) -> String {
        Hex.string(0xABCD_0000_0000_0000 | UInt64(number)) + Hex.string(UInt64(number))
    }

    func push(_ spans: [Span]) async throws {
        var json = JSONWriter()
        json.object {
            $0.name("resourceSpans")
            $0.array { json in
                for (service, spans) in Dictionary(grouping: spans, by: \.service).sorted(by: { $0.key < $1.key }) {
                    json.object { Self.write(service, spans, to: &$0) }
                }
            }
        }
        try await push(json: json.string)
    }

    /// Sends an OTLP request.
    func push(json: String) async throws {
        let response = try await intake.respond(
            to: Request(
                method: .post, uri: "/v1/traces", headers: ["content-type": "application/json"],
                body: Array(json.utf8)), context: RequestContext(logger: .noOp))
        #expect(response.status == .ok, "\(response.text)")
    }

    fileprivate static func write(_ service: String, _ spans: [Span], to json: inout JSONWriter) {
        json.name("resource")
        json.object { Self.attributes(["service.name": service], to: &$0) }
        json.name("scopeSpans")
        json.array {
            $0.object {
                $0.name("scope")
                $0.object { $0.member("name", "tailspan") }
                $0.name("spans")
                $0.array { json in
                    for span in spans {
                        json.object {
                            let begin = start + UInt64(span.start) * 1_000_000
                            $0.member("traceId", traceID(span.trace))
                            $0.member("spanId", Hex.string(UInt64(span.id)))
                            if span.parent != 0 { $0.member("parentSpanId", Hex.string(UInt64(span.parent))) }
                            $0.member("name", span.name)
                            $0.member("kind", span.kind)
                            $0.member("startTimeUnixNano", String(begin))
                            $0.member("endTimeUnixNano", String(begin + UInt64(span.duration) * 1_000_000))
                            $0.name("status")
                            $0.object { $0.member("code", span.status) }
                            Self.attributes(span.attributes, to: &$0)
                        }
                    }
                }
            }
        }
    }

    /// Numbers become integers.
    private static func attributes(_ attributes: [String: String], to json: inout JSONWriter) {
        json.name("attributes")
        json.array { json in
            for (key, value) in attributes.sorted(by: { $0.key < $1.key }) {
                json.object {
                    $0.member("key", key)
                    $0.name("value")
                    $0.object { $0.member(Int(value) == nil ? "stringValue" : "intValue", value) }
                }
            }
        }
    }
}

extension JSONValue {
    /// The texts of an array.
    var strings: [String] { array?.compactMap(\.string) ?? [] }
    /// The members named `name` of the objects of an array.
    func each(_ name: String) -> [JSONValue] { array?.compactMap { $0[name] } ?? [] }
}
