import Encoding
import EventLoop
import HTTP
import OTelSDK
import Testing
import Vocabulary

@testable import FaultControl
@testable import ServiceKit

@Suite("The control API of a service")
struct FaultRoutesTests {
    private static let path = "/admin/faults"

    /// A stub service in memory.
    private final class Service: Sendable {
        let loop: EventLoop
        let instance: ServiceInstance
        let spans = InMemorySpanExporter()

        init(_ environment: [String: String] = [:]) async throws {
            let loop = try EventLoop(name: "faults")
            try loop.start()
            self.loop = loop
            let spans = spans
            instance = try await Task(executorPreference: loop) {
                try await ServiceInstance(
                    StubService.self,
                    configuration: ServiceConfiguration(
                        role: .executor, environment: ["PORT": "0", "LOG_STDOUT": "false"].merging(environment) { $1 }),
                    eventLoop: loop, overrides: Telemetry.Overrides(spanProcessor: spans))
            }.value
            instance.readiness.phase = .running
        }

        func send(
            _ method: HTTPMethod, _ uri: String, _ body: String = "", _ headers: HTTPFields = [:],
            from address: String? = nil
        ) async throws -> Response {
            let instance = instance
            return try await Task(executorPreference: loop) {
                let context = RequestContext(logger: instance.telemetry.logger)
                let request = Request(
                    method: method, uri: uri, headers: headers, body: Array(body.utf8), remoteAddress: address)
                let response = try await instance.responder.respond(to: request, context: context)
                context.completion.complete(
                    ResponseCompletion.Outcome(
                        written: true, status: response.status, bodySize: response.body.count))
                return response
            }.value
        }

        func detail(_ method: HTTPMethod, _ uri: String, _ body: String = "") async throws -> String? {
            let response = try await send(method, uri, body)
            #expect(response.headers["content-type"] == "application/problem+json")
            return try JSONValue(parsing: response.body)["detail"]?.string
        }

        func state() async throws -> FaultState {
            let response = try await send(.get, path)
            #expect(response.status == .ok && response.headers["content-type"] == "application/json")
            return try #require(FaultState(try JSONValue(parsing: response.body)))
        }

        func stop() async {
            let instance = instance
            await Task(executorPreference: loop) { await instance.close() }.value
            loop.stop()
        }
    }

    private static func run(
        _ environment: [String: String] = [:], _ body: (Service) async throws -> Void
    ) async throws {
        let service = try await Service(environment)
        do { try await body(service) } catch {
            await service.stop()
            throw error
        }
        await service.stop()
    }

    @Test("Rules from the environment are set at the start, even those for other services")
    func rulesOfTheEnvironmentAreSetAtTheStart() async throws {
        let variables = ["FAULTS": "payments:error;executor:cpu=5ms,id=busy", "FAULTS_SEED": "7"]
        try await Self.run(variables) { (service: Service) async throws in
            let state = try await service.state()
            #expect(state.service == "executor" && state.seed == 7 && !state.isHidden && !state.acceptsFromRequests)
            #expect(state.rules.map(\.rule) == ["payments:error=503", "executor:cpu=5ms,id=busy"])
            #expect(state.rules.map(\.isInForce) == [false, true] && state.rules.map(\.injected) == [0, 0])
            #expect(state.rules.map(\.id) == ["payments-error", "busy"] && state.rules[1].scope == "request")
        }
    }

    @Test("PUT replaces rules, POST adds some and DELETE removes them, as text or JSON")
    func rulesAreReplacedAddedAndDeleted() async throws {
        try await Self.run { (service: Service) async throws in
            #expect(
                try await service.send(.put, Self.path, "executor:cpu\nexecutor:abort;executor:corrupt").status == .ok)
            #expect(try await service.state().rules.count == 3)
            let added = try await service.send(
                .post, Self.path, #"{"rules":["executor:hang=1s"]}"#, ["content-type": "application/json"])
            #expect(added.status == .created)
            #expect(try await service.state().rules.map(\.kind) == ["cpu", "abort", "corrupt", "hang"])
            #expect(try await service.send(.delete, Self.path + "/executor-abort").status == .noContent)
            #expect(try await service.state().rules.map(\.kind) == ["cpu", "corrupt", "hang"])
            let replaced = try await service.send(
                .put, Self.path, #" {"rules":["executor:error"],"seed":"18446744073709551615"}"#)
            let state = try #require(FaultState(try JSONValue(parsing: replaced.body)))
            #expect(state.seed == .max && state.rules.map(\.rule) == ["executor:error=503"])
            #expect(try await service.send(.delete, Self.path).status == .noContent)
            #expect(try await service.state().rules.isEmpty)
            #expect(try await service.send(.put, Self.path, "").status == .ok)
        }
    }

    @Test("An invalid change is answered 400 with what was expected, and changes nothing")
    func anInvalidChangeIsAnswered400AndChangesNothing() async throws {
        try await Self.run(["FAULTS": "executor:cpu"]) { (service: Service) async throws in
            let refused: [(HTTPMethod, String, String)] = [
                (.put, "executor:cpuu", "fault 'executor:cpuu': no kind of fault 'cpuu': did you mean 'cpu'?"),
                (
                    .post, "executor:abort;executor:cpu=1s",
                    "two fault rules with the id 'executor-cpu': give one another id, such as ,id=executor-cpu-2"
                ),
                (.post, "", "expected at least one rule"),
                (.post, #"{"rules":["executor:abort"],"seed":1}"#, "expected no seed with POST: PUT sets it"),
                (.put, #"{"rule":["executor:abort"]}"#, "no member 'rule': did you mean 'rules'?"),
                (.put, #"{"seed":1}"#, #"expected rules by line, or {"rules":["payments:latency=200ms"],"seed":7}"#),
                (.put, #"{"rules":[1]}"#, #"expected rules by line, or {"rules":["payments:latency=200ms"],"seed":7}"#),
                (
                    .put, #"{"rules":[],"seed":-1}"#,
                    "seed: expected a whole number from 0 to 18446744073709551615, as a number or a text"
                ),
            ]
            for (method, body, detail) in refused {
                #expect(try await service.send(method, Self.path, body).status == .badRequest)
                #expect(try await service.detail(method, Self.path, body) == detail)
            }
            #expect(
                try await service.detail(.put, Self.path, "{").map { $0.hasPrefix("the body is not valid JSON") }
                    == true)
            #expect(try await service.send(.delete, Self.path + "/executor-cup").status == .notFound)
            #expect(
                try await service.detail(.delete, Self.path + "/executor-cup")
                    == "no fault rule has the id 'executor-cup': did you mean 'executor-cpu'?")
            #expect(try await service.send(.get, Self.path + "/ledger?after=x").status == .badRequest)
            #expect(try await service.state().rules.map(\.rule) == ["executor:cpu=50ms"])
        }
    }

    @Test("Other machines need the token on every route")
    func otherMachinesNeedTheTokenOnEveryRoute() async throws {
        try await Self.run(["ADMIN_TOKEN": "secret"]) { (service: Service) async throws in
            let routes: [(HTTPMethod, String)] = [
                (.get, ""), (.put, ""), (.post, ""), (.delete, ""), (.delete, "/x"), (.get, "/ledger"),
            ]
            for (method, suffix) in routes {
                let uri = Self.path + suffix
                #expect(try await service.send(method, uri, from: "10.1.2.3").status == .forbidden, "\(method) \(uri)")
                let open = try await service.send(method, uri, "", ["authorization": "Bearer secret"], from: "10.1.2.3")
                #expect(open.status != .forbidden)
            }
            #expect(try await service.state().rules.isEmpty)
        }
    }

    @Test("The control routes are neither faulted nor traced")
    func controlRoutesAreNeitherFaultedNorTraced() async throws {
        try await Self.run(["FAULTS": "executor:error;executor:hang"]) { (service: Service) async throws in
            #expect(try await service.send(.get, Self.path).status == .ok)
            #expect(try await service.send(.get, Self.path + "/ledger").status == .ok)
            #expect(try await service.send(.delete, Self.path + "/none").status == .notFound)
            #expect(try await service.send(.get, "/readyz").status == .ok)
            #expect(service.spans.spans.isEmpty)
        }
    }

    @Test("An unready rule fails /readyz but not /healthz, and is recorded once")
    func anUnreadyRuleFailsOnlyReadiness() async throws {
        try await Self.run { (service: Service) async throws in
            func readiness() async throws -> (Int, JSONValue) {
                let response = try await service.send(.get, "/readyz")
                return (response.status.code, try JSONValue(parsing: response.body))
            }
            let before = try await readiness()
            #expect(before.0 == 200 && before.1["faults"] == [])
            _ = try await service.send(.put, Self.path, "executor:unready;payments:error;executor:cpu,from=1h")
            for _ in 0..<3 {
                let (status, json) = try await readiness()
                #expect(status == 503 && json["status"] == "broken" && json["faults"] == ["executor:unready"])
                let component = json["components"]?.array?.last
                #expect(component?["name"] == "fault" && component?["status"] == "failed")
                #expect(component?["error"] == "the rule 'executor:unready' is in force")
            }
            #expect(try await service.send(.get, "/healthz").status == .ok)
            let ledger = String(decoding: try await service.send(.get, Self.path + "/ledger").body, as: UTF8.self)
            #expect(ledger.split(separator: "\n").count == 1 && ledger.contains(#""rule":"executor-unready""#))
            #expect(try await service.send(.get, Self.path + "/ledger?after=1").body.isEmpty)
            _ = try await service.send(.delete, Self.path)
            #expect(try await readiness().0 == 200)
        }
    }

    @Test("Hidden faults show in neither /readyz nor /metrics")
    func hiddenFaultsShowInNeitherReadinessNorMetrics() async throws {
        let variables = ["FAULTS": "executor:unready;executor:error", "FAULTS_HIDDEN": "true"]
        try await Self.run(variables) { (service: Service) async throws in
            let ready = try await service.send(.get, "/readyz")
            let metrics = try await service.send(.get, "/metrics")
            #expect(ready.status == .serviceUnavailable)
            #expect(!String(decoding: ready.body, as: UTF8.self).contains("fault"))
            #expect(!String(decoding: metrics.body, as: UTF8.self).contains("fault"))
            #expect(try await service.state().isHidden)
        }
    }

    @Test("Faults are hidden and shown by PUT, and nothing else changes")
    func faultsAreHiddenByPUT() async throws {
        try await Self.run(["FAULTS": "executor:unready"]) { (service: Service) async throws in
            let hidden = try await service.send(.put, Self.path + "/hidden", #"{"hidden":true}"#)
            let state = try #require(FaultState(try JSONValue(parsing: hidden.body)))
            #expect(hidden.status == .ok && state.isHidden && state.rules.map(\.kind) == ["unready"])
            let ready = try await service.send(.get, "/readyz")
            #expect(ready.status == .serviceUnavailable)
            #expect(!String(decoding: ready.body, as: UTF8.self).contains("fault"))
            #expect(try await service.send(.put, Self.path + "/hidden", #"{"hidden":false}"#).status == .ok)
            #expect(try await !service.state().isHidden)
            for body in ["", "{}", #"{"hidden":"yes"}"#, #"{"hidden":true,"seed":7}"#, "true"] {
                let detail = try await service.detail(.put, Self.path + "/hidden", body)
                #expect(detail?.isEmpty == false, "\(body)")
            }
            #expect(try await !service.state().isHidden)
            let refused = try await service.send(
                .put, Self.path + "/hidden", #"{"hidden":true}"#, [:], from: "192.168.1.7")
            #expect(refused.status == .forbidden)
        }
    }
}
