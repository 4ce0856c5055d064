import HTTP
import Testing
import Vocabulary

@testable import Contracts

@Suite("Fields of requests and queries")
struct FieldReaderTests {
    private func create(_ text: String, type: String? = "application/json") throws -> CreateTaskRequest {
        var headers: HTTPFields = [:]
        headers["content-type"] = type
        return try CreateTaskRequest(
            Request(method: .post, uri: "/v1/tasks", headers: headers, body: Array(text.utf8)))
    }

    @Test func aWrittenRequestReadsBack() throws {
        let request = CreateTaskRequest(
            guildID: "g-1", amount: 25, workload: WorkloadSpec(kind: .mandelbrot, size: 5_000_000))
        #expect(try create(String(decoding: request.json, as: UTF8.self)) == request)
    }

    @Test(arguments: [
        (#"{}"#, ["/guild_id", "/amount", "/workload"]),
        (#"{"guild_id":5,"amount":1,"workload":{"kind":"sort","size":1}}"#, ["/guild_id"]),
        (#"{"guild_id":"g-1","amount":"1","workload":{"kind":"sort","size":1}}"#, ["/amount"]),
        (#"{"guild_id":"g-1","amount":-1,"workload":{"kind":"sort","size":1}}"#, ["/amount"]),
        (#"{"guild_id":"g-1","amount":1.5,"workload":{"kind":"sort","size":1}}"#, ["/amount"]),
        (#"{"guild_id":"g-1","amount":10000000000001,"workload":{"kind":"sort","size":1}}"#, ["/amount"]),
        (#"{"guild_id":"g 1","amount":1,"workload":[]}"#, ["/guild_id", "/workload"]),
        (#"{"guild_id":"g-1","amount":1,"workload":{"kind":"Sort"}}"#, ["/workload/kind", "/workload/size"]),
    ])
    func anErrorNamesEveryWrongField(_ body: String, _ fields: [String]) {
        let error = #expect(throws: HTTPError.self) { try create(body) }
        #expect(error?.status == .unprocessableContent)
        #expect(error?.fields.map(\.field) == fields)
    }

    @Test(arguments: ["", "{", "[]", "null", #"{"guild_id":}"#])
    func aBodyThatIsNotAJSONObjectIsRefused(_ body: String) {
        let error = #expect(throws: HTTPError.self) { try create(body) }
        #expect(error?.status == .badRequest && error?.type == "malformed-json")
    }

    @Test func anotherMediaTypeIsRefused() {
        let error = #expect(throws: HTTPError.self) { try create("{}", type: "text/plain") }
        #expect(error?.status == .unsupportedMediaType)
    }

    @Test(arguments: [
        ("limit=0", "limit"), ("limit=201", "limit"), ("limit=x", "limit"), ("status=done", "status"),
        ("cursor=-1", "cursor"), ("cursor=abc", "cursor"),
    ])
    func anErrorNamesTheWrongParameter(_ query: String, _ name: String) {
        let error = #expect(throws: HTTPError.self) { try TaskQuery(QueryParameters(query: query)) }
        #expect(error?.fields.map(\.field) == [name])
    }

    @Test func aQueryIsReadWithItsDefaults() throws {
        let query = try TaskQuery(QueryParameters(query: "guild_id=g-1&status=settled&limit=7&cursor=12"))
        #expect(query.guildID == "g-1" && query.state == .settled && query.limit == 7 && query.cursor == 12)
        let empty = try TaskQuery(QueryParameters(query: ""))
        #expect(empty.guildID == nil && empty.state == nil && empty.limit == 50 && empty.cursor == nil)
    }
}
