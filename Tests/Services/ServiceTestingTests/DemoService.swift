import Configuration
import Contracts
import Encoding
import HTTP
import Logging
import ServiceLifecycle
import Vocabulary

/// A small service to be tested with: it greets, and fails when told to.
struct DemoService: ServiceDefinition {
    static let role = ServiceRole.executor

    let dependencies: ServiceDependencies

    init(dependencies: ServiceDependencies) async throws {
        self.dependencies = dependencies
        // As services do: a setting that cannot be used stops the start.
        _ = try dependencies.environment.integer("GREETINGS", default: 1, in: 1...9)
    }

    func addRoutes(to router: Router) {
        router.get("/greet/{name}") { request, context in
            let name = try context.parameters.require("name")
            context.logger.info("greeting", metadata: ["name": .string(name)])
            return .text("hello \(name), it is \(dependencies.clock.now())\n")
        }
        router.get("/fail") { _, _ in throw HTTPError(.badGateway, type: "upset", message: "nothing works") }
        router.post("/echo") { request, _ in Response(headers: ["content-type": "text/plain"], body: request.body) }
    }

    var backgroundServices: [any Service] { [] }
    var readinessChecks: [ReadinessCheck] { [] }
    func close() async { dependencies.logger.info("closed") }
}
