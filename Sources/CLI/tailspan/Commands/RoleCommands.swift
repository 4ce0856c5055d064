import Arguments
import Contracts
import Executor
import Gateway
import Payments
import ServiceKit
import Tasks
import Vocabulary

/// Runs one service in this process, configured by environment variables, as a container would.
protocol RoleCommand: MainThreadCommand {
    static var service: any ServiceDefinition.Type { get }
    var faults: FaultOptions { get }
}

extension RoleCommand {
    static func describe(_ role: ServiceRole, _ abstract: String) -> CommandConfiguration {
        CommandConfiguration(
            role.rawValue, abstract: abstract,
            discussion: """
                It is configured by environment variables: HOST, PORT (\(role.defaultPort)), DATA_DIR, LOG_DIR, LOG_LEVEL, \
                LOG_FORMAT, OTEL_*, FAULTS and its kin, ADMIN_TOKEN, and the addresses of the other services (TASKS_URL, EXECUTOR_URL, PAYMENTS_URL). \
                SIGTERM and Ctrl-C drain it.
                """,
            examples: [
                .init("PORT=9000 LOG_FORMAT=text tailspan \(role.rawValue)", "on another port, with readable lines")
            ], section: "One part alone")
    }

    func run(_ tools: Tools) -> Int32 { serve(Self.service, environment: faults.applied(to: tools.environment)) }
}

struct GatewayCommand: RoleCommand {
    static let configuration = describe(.gateway, "Runs the gateway: the public API")
    static let service: any ServiceDefinition.Type = GatewayService.self
    @ArgumentGroup var faults: FaultOptions
}

struct TasksCommand: RoleCommand {
    static let configuration = describe(.tasks, "Runs tasks: the saga of each task, and the async worker")
    static let service: any ServiceDefinition.Type = TasksService.self
    @ArgumentGroup var faults: FaultOptions
}

struct ExecutorCommand: RoleCommand {
    static let configuration = describe(.executor, "Runs the executor: computes the workloads")
    static let service: any ServiceDefinition.Type = ExecutorService.self
    @ArgumentGroup var faults: FaultOptions
}

struct PaymentsCommand: RoleCommand {
    static let configuration = describe(.payments, "Runs payments: the double-entry ledger")
    static let service: any ServiceDefinition.Type = PaymentsService.self
    @ArgumentGroup var faults: FaultOptions
}
