import Contracts
import EventLoop
import Executor
import Gateway
import HTTP
import OTelSDK
import Payments
import ServiceKit
import ServiceLifecycle
import ServiceTesting
import Synchronization
import Tasks
import Vocabulary

/// The four services in one process, each on a loop of its own and a free port, with their spans and lines kept.
final class FourServices: Sendable {
    let spans = InMemorySpanExporter()
    let logs = InMemoryLogHandler()
    let ports: [ServiceRole: Int]
    private let running: [Running]
    private let clientLoop: EventLoop
    private let isDrained = Atomic(false)
    let client: HTTPClient

    private struct Running: Sendable {
        let loop: EventLoop
        let group: ServiceGroup
        let task: Task<Void, any Error>
    }

    /// - Parameters:
    ///   - environment: what all of them are told.
    ///   - telemetryIsReal: spans and lines go where the environment says, and are not kept.
    init(environment: [String: String] = [:], telemetryIsReal: Bool = false) async throws {
        var running: [Running] = []
        var ports: [ServiceRole: Int] = [:]
        let types: [any ServiceDefinition.Type] = [
            PaymentsService.self, ExecutorService.self, TasksService.self, GatewayService.self,
        ]
        for type in types {
            var variables = environment
            variables["PORT"] = "0"
            for (role, port) in ports { variables[role.urlVariable] = "http://127.0.0.1:\(port)" }
            let loop = try EventLoop(name: type.role.rawValue)
            try loop.start()
            let overrides =
                telemetryIsReal
                ? Telemetry.Overrides() : Telemetry.Overrides(spanProcessor: Shared(exporter: spans), logHandler: logs)
            let configuration = try ServiceConfiguration(role: type.role, environment: variables)
            let instance = try await Task(executorPreference: loop) {
                let instance = try await ServiceInstance(
                    type, configuration: configuration, eventLoop: loop, overrides: overrides)
                try await instance.start()
                return instance
            }.value
            ports[type.role] = instance.port
            let group = ServiceGroup(
                configuration: ServiceGroupConfiguration(services: [instance], gracefulShutdownSignals: []))
            running.append(
                Running(loop: loop, group: group, task: Task(executorPreference: loop) { try await group.run() }))
        }
        self.ports = ports
        self.running = running
        clientLoop = try EventLoop(name: "client")
        try clientLoop.start()
        client = HTTPClient(eventLoop: clientLoop)
    }

    /// The loop that the tests' own work may wait on.
    var loop: EventLoop { clientLoop }

    func url(_ role: ServiceRole) -> String { "http://127.0.0.1:\(ports[role] ?? 0)" }

    /// What a service's `/metrics` says.
    func metrics(_ role: ServiceRole) async throws -> Samples { try await client.metrics(url(role)) }

    /// Stops the services in the order in which requests pass them; only the first call does anything.
    func drain() async throws {
        guard !isDrained.exchange(true, ordering: .relaxed) else { return }
        for service in running.reversed() {
            await service.group.triggerGracefulShutdown()
            try await service.task.value
            service.loop.stop()
        }
    }

    /// Stops everything.
    func stop() async throws {
        await client.shutdown()
        try await drain()
        clientLoop.stop()
    }
}

/// Runs `body` against four services and stops them whatever happens.
func withFourServices<T: Sendable>(
    environment: [String: String] = [:], telemetryIsReal: Bool = false,
    _ body: (FourServices) async throws -> T
) async throws -> T {
    let services = try await FourServices(environment: environment, telemetryIsReal: telemetryIsReal)
    let result: Result<T, any Error>
    do {
        result = .success(try await body(services))
    } catch {
        result = .failure(error)
    }
    try await services.stop()
    return try result.get()
}

/// Four services share the exporter: the first that stops must not close it for the others.
private struct Shared: SpanProcessor {
    let exporter: InMemorySpanExporter

    func onEnd(_ span: SpanData) { exporter.onEnd(span) }
    func forceFlush() async {}
    func shutdown() async {}
}
