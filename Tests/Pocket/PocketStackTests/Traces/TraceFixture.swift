import Encoding
import HTTP
import Logging
import Metrics

@testable import PocketAPI
@testable import PocketStore

/// A trace store in memory with its two APIs, asked through their routers.
struct TraceFixture {
    let store: TraceStore
    private let responder: any HTTPResponder

    init(database: PocketDatabase? = nil, clock: WallClock = .system) async throws {
        let fresh = try await PocketDatabase.open(path: ":memory:", components: [TraceStore.component])
        store = TraceStore(database: database ?? fresh)
        let router = Router()
        TempoAPI(store: store, clock: clock).addRoutes(to: router)
        OTLPReceiver(store: store, metrics: NOOPMetricsHandler()).addRoutes(to: router)
        responder = router.buildResponder()
    }

    func send(_ request: Request) async throws -> Response {
        try await responder.respond(to: request, context: RequestContext(logger: .noOp))
    }

    func get(_ uri: String, headers: HTTPFields = [:]) async throws -> Response {
        try await send(Request(uri: uri, headers: headers))
    }

    func search(_ query: String, _ more: String = "") async throws -> JSONValue {
        let response = try await get("/api/search?q=\(PercentEncoding.encode(query))\(more)")
        return try JSONValue(parsing: response.body)
    }

    func push(_ body: [UInt8], type: String = "application/json", encoding: String? = nil) async throws -> Response {
        var headers: HTTPFields = ["content-type": type]
        headers["content-encoding"] = encoding
        return try await send(Request(method: .post, uri: "/v1/traces", headers: headers, body: body))
    }

    func push(json: String) async throws -> Response { try await push(Array(json.utf8)) }

    static let traceID = "4bf92f3577b34da6a3ce929d0e0e4736"

    /// A trace with everything that a span can hold.
    static let everything = #"""
        {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"gateway"}},
        {"key":"service.version","value":{"stringValue":"1.0"}}]},"scopeSpans":[{"scope":{"name":"tailspan",
        "version":"0.1.0"},"spans":[{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7",
        "traceState":"k=v","flags":257,"name":"GET /v1/tasks/{id}","kind":2,"startTimeUnixNano":"1795193351760487936",
        "endTimeUnixNano":"1795193352010487936","attributes":[{"key":"http.request.method","value":{"stringValue":
        "GET"}},{"key":"http.response.status_code","value":{"intValue":"500"}},{"key":"ratio","value":{"doubleValue":
        0.5}},{"key":"cached","value":{"boolValue":false}},{"key":"list","value":{"arrayValue":{"values":[
        {"stringValue":"a"},{"stringValue":"b"}]}}},{"key":"nums","value":{"arrayValue":{"values":[{"intValue":"1"},
        {"intValue":"2"}]}}},{"key":"map","value":{"kvlistValue":{"values":[{"key":"k","value":{"stringValue":"v"}},
        {"key":"n","value":{"intValue":"1"}}]}}},{"key":"raw","value":{"bytesValue":"AAH/"}},{"key":"request_id",
        "value":{"stringValue":"r-17"}},{"key":"empty","value":{"stringValue":""}}],"droppedAttributesCount":1,
        "events":[{"timeUnixNano":"1795193351860487936","name":"exception","attributes":[{"key":"exception.message",
        "value":{"stringValue":"boom"}},{"key":"exception.type","value":{"stringValue":"E"}}]}],"links":[{"traceId":
        "0195af3c8d2e4b7f9a6c1e5d70f2b384","spanId":"7085d31e4a9fbc26","attributes":[{"key":"why","value":
        {"stringValue":"retry"}}]}],"status":{"message":"boom","code":2}}]}]},{"resource":{"attributes":[{"key":
        "service.name","value":{"stringValue":"tasks"}}]},"scopeSpans":[{"scope":{"name":"tailspan","version":
        "0.1.0"},"spans":[{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"53995c3f42cd8ad8","parentSpanId":
        "00f067aa0ba902b7","name":"SELECT tasks","kind":3,"startTimeUnixNano":"1795193351810488064",
        "endTimeUnixNano":"1795193351910488064","attributes":[{"key":"db.system","value":{"stringValue":"sqlite"}},
        {"key":"rows","value":{"intValue":"3"}}],"status":{"code":1}},{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736",
        "spanId":"b9c7c989f97918e1","parentSpanId":"53995c3f42cd8ad8","name":"render","kind":1,"startTimeUnixNano":
        "1795193351820487936","endTimeUnixNano":"1795193351830487936"}]}]}]}
        """#

    /// A request with one span.
    static func span(
        trace: String = "0195af3c8d2e4b7f9a6c1e5d70f2b384", id: String = "7085d31e4a9fbc26", parent: String = "",
        service: String = "payments", name: String = "hold", start: UInt64 = 1_795_193_351_760_487_936,
        milliseconds: UInt64 = 10, status: Int = 0, attributes: [String: String] = [:]
    ) -> String {
        let attributes = attributes.sorted { $0.key < $1.key }.map {
            #"{"key":"\#($0.key)","value":{"stringValue":\#(JSONValue.string($0.value))}}"#
        }
        return #"""
            {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"\#(service)"}}]},
            "scopeSpans":[{"spans":[{"traceId":"\#(trace)","spanId":"\#(id)","parentSpanId":"\#(parent)","name":
            \#(JSONValue.string(name)),"kind":1,"startTimeUnixNano":"\#(start)","endTimeUnixNano":
            "\#(start + milliseconds * 1_000_000)","status":{"code":\#(status)},"attributes":
            [\#(attributes.joined(separator: ","))]}]}]}]}
            """#
    }
}
