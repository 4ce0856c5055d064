import Contracts
import Encoding
import EventLoop
import Executor
import Foundation
import Gateway
import Payments
import ServiceKit
import ServiceTesting
import Tasks
import TestTools
import Testing
import Vocabulary

/// The OpenAPI documents match the services.
@Suite("OpenAPI documents: content") struct APIDescriptionTests {
    private static let services: [any ServiceDefinition.Type] = [
        GatewayService.self, TasksService.self, ExecutorService.self, PaymentsService.self,
    ]

    /// The routes of a service, each as `METHOD template`.
    private static func routes(_ type: any ServiceDefinition.Type) async throws -> Set<String> {
        let loop = try EventLoop(name: "routes")
        try loop.start()
        defer { loop.stop() }
        return try await Task(executorPreference: loop) {
            let instance = try await TestApplication(type).makeInstance(on: loop)
            let routes = Set(instance.routes)
            await instance.close()
            return routes
        }.value
    }

    private static func isPublic(_ route: String) -> Bool { route.contains(" /v1/") }

    @Test("Each document is valid OpenAPI 3.1", arguments: ["gateway", "control"])
    func eachDocumentIsValidOpenAPI(_ name: String) throws {
        let validator = try TestTool.require(Tool.pythonTool("openapi-spec-validator"), "openapi-spec-validator")
        let path = try APIDescription(name).path
        #expect(try Repository.yaml(path)["openapi"]?.string?.hasPrefix("3.1.") == true)
        let result = try Tool.run(validator, [path])
        #expect(result.status == 0, "\(result.output)")
    }

    @Test("The gateway has exactly the documented routes")
    func theGatewayHasExactlyTheDocumentedRoutes() async throws {
        let routes = try await Self.routes(GatewayService.self)
        #expect(routes.filter(Self.isPublic) == (try APIDescription("gateway")).operations)
        #expect(routes.filter { !Self.isPublic($0) } == (try APIDescription("control")).operations)
    }

    @Test("Every service has the documented control routes; only the gateway has a journal")
    func everyServiceHasTheDocumentedControlRoutes() async throws {
        let documented = try APIDescription("control").operations
        let common = documented.filter { !$0.contains(" /admin/requests") }
        #expect(documented.count - common.count == 2)
        for type in Self.services where type.role != .gateway {
            let routes = try await Self.routes(type)
            #expect(routes.filter { !Self.isPublic($0) } == common, "\(type.role)")
        }
    }

    @Test("The problem types in the source are the documented ones")
    func theProblemTypesInTheSourceAreDocumented() throws {
        var thrown: Set<String> = []
        // The pocket stack's and the console's are no API of the services.
        for path in try Repository.files(under: "Sources", endingIn: ".swift")
        where !path.contains("/Pocket") && !path.contains("/ConsoleControl") {
            let text = try Repository.text(path)
            let literals = text.matches(of: /HTTPError\(\s*\.\w+, type: "([a-z-]+)"/)
            let constants = text.matches(of: /static let \w+Type = "([a-z]+-[a-z-]+)"/)
            thrown.formUnion(literals.map { String($0.1) } + constants.map { String($0.1) })
        }
        // A step between two services, which no client of the gateway ever sees.
        let inside: Set = ["idempotency-key-required", "unknown-reservation"]
        #expect(inside.isSubset(of: thrown))
        let documented = try APIDescription.all().map { try $0.problemTypes() }.reduce(into: Set()) { $0.formUnion($1) }
        // Set by a rule, not by a literal.
        #expect(thrown.subtracting(inside) == documented.subtracting(["injected-fault"]))
    }
}
