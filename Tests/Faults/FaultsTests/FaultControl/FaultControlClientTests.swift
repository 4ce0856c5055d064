import Encoding
import HTTP
import Synchronization
import Testing

@testable import FaultControl
@testable import FaultKinds
@testable import FaultRules

@Suite("The client of the control API")
struct FaultControlClientTests {
    /// Answers with what it is given, and keeps what it was asked.
    private final class Script: Sendable {
        let requests = Mutex<[HTTPClient.Request]>([])
        let answer: Result<HTTPClient.Response, HTTPClientError>
        init(_ status: Int, _ body: String) {
            answer = .success(HTTPClient.Response(status: HTTPStatus(code: status), body: Array(body.utf8)))
        }
        init(_ error: HTTPClientError) { answer = .failure(error) }

        var client: FaultControlClient {
            FaultControlClient(baseURL: "http://h:1/", token: "secret") { request, _ in
                self.requests.withLock { $0.append(request) }
                return try self.answer.get()
            }
        }
        var last: HTTPClient.Request? { requests.withLock { $0.last } }
    }

    private static let state = FaultState(
        service: "payments", seed: .max, isHidden: true, acceptsFromRequests: true,
        rules: [
            .init(id: "x", rule: "payments:error,id=x", kind: "error", scope: "request", isInForce: true, injected: 3)
        ])

    @Test("The state of a service is read in full, even a large seed")
    func theStateOfAServiceIsReadInFull() async throws {
        var json = JSONWriter()
        Self.state.write(to: &json)
        let script = Script(200, json.string)
        #expect(try await script.client.get() == Self.state)
        #expect(script.last?.url == "http://h:1/admin/faults")
        #expect(script.last?.headers["authorization"] == "Bearer secret")
    }

    @Test("Rules are sent as text")
    func rulesAreSentAsText() async throws {
        var json = JSONWriter()
        Self.state.write(to: &json)
        let script = Script(200, json.string)
        let rules = try FaultRule.list(parsing: "payments:error=503:\"a, b\";tasks:abort")
        try await script.client.put(rules, seed: 7)
        #expect(script.last?.method == .put)
        #expect(
            script.last.map { String(decoding: $0.body, as: UTF8.self) }
                == #"{"rules":["payments:error=503:\"a, b\"","tasks:abort"],"seed":7}"#)
        try await script.client.post(rules)
        #expect(script.last?.method == .post && script.last.map { !$0.body.isEmpty } == true)
    }

    @Test("Hiding is sent by itself")
    func hidingIsSentByItself() async throws {
        var json = JSONWriter()
        Self.state.write(to: &json)
        let script = Script(200, json.string)
        #expect(try await script.client.hide(true).isHidden)
        #expect(script.last?.method == .put && script.last?.url == "http://h:1/admin/faults/hidden")
        #expect(script.last.map { String(decoding: $0.body, as: UTF8.self) } == #"{"hidden":true}"#)
    }

    @Test("Deleting a missing rule is no error, and a refusal gives the reason of the service")
    func aMissingRuleIsNoErrorAndARefusalGivesItsReason() async throws {
        #expect(try await Script(404, "{}").client.delete(id: "x") == false)
        #expect(try await Script(204, "").client.delete(id: "x"))
        let error = await #expect(throws: FaultControlError.self) {
            try await Script(400, #"{"detail":"fault 'x': no"}"#).client.get()
        }
        #expect(
            error?.status == 400 && error?.description == "http://h:1: fault 'x': no" && error?.isUnreachable == false)
        let absent = await #expect(throws: FaultControlError.self) {
            try await Script(HTTPClientError.connectFailed("refused")).client.delete()
        }
        #expect(absent?.isUnreachable == true && absent?.isRefused == true && absent?.status == nil)
        for failure in [HTTPClientError.timeout, .connectTimedOut("slow"), .transferFailed("broken")] {
            let error = await #expect(throws: FaultControlError.self) { try await Script(failure).client.delete() }
            #expect(error?.isUnreachable == true && error?.isRefused == false, "\(failure)")
        }
        await #expect(throws: FaultControlError.self) { try await Script(200, "<html>").client.get() }
    }

    @Test("The ledger is read line by line")
    func theLedgerIsReadLineByLine() async throws {
        let line =
            #"{"number":4,"time":"2026-01-01T00:00:00.000Z","service":"payments","rule":"x","kind":"error","value":"503"}"#
        let script = Script(200, line + "\n" + line + "\n")
        #expect(try await script.client.ledger(after: 3).map(\.rule) == ["x", "x"])
        #expect(script.last?.url == "http://h:1/admin/faults/ledger?after=3")
        await #expect(throws: FaultControlError.self) { try await Script(200, "nothing\n").client.ledger() }
    }
}
