import Arguments
import Configuration
import FaultControl
import Terminal
import Vocabulary

/// `tailspan fault …`: the possible faults, the rules in force, and what was injected.
struct FaultCommand: Command {
    static let configuration = CommandConfiguration(
        "fault", abstract: "Injects faults into running services, and shows what they did",
        discussion: """
            A rule is service[.operation]:kind[=argument][,rate=30%][,match=guild_id:g-7][,from=10s][,for=30s][,id=name]\
            [,seed=n]. Which requests it hits is decided by their trace ids, not by dice. ADMIN_TOKEN is sent if it is set; \
            services on this machine need none.
            """,
        examples: [
            .init("tailspan fault add 'payments.reserve:error=503,rate=30%'", "Three of ten reservations fail."),
            .init("tailspan fault add 'executor:latency=lognormal(p50=100ms,p99=2s),for=1m'", "A slow minute."),
            .init("tailspan fault clear", "All is well again."),
        ],
        section: "Use",
        subcommands: [
            FaultKindsCommand.self, FaultListCommand.self, FaultAddCommand.self, FaultClearCommand.self,
            FaultExplainCommand.self, FaultLedgerCommand.self,
        ])
}

/// The control APIs of all services.
struct FaultControls: Sendable {
    private let clients: [ServiceRole: FaultControlClient]

    init(_ services: ServiceOptions, _ tools: Tools, _ loop: LoopTools) {
        let token = Environment(tools.environment).string(FaultControl.tokenVariable)
        clients = services.urls.mapValues { FaultControlClient(baseURL: $0, token: token, client: loop.client) }
    }

    var fleet: FaultFleet { FaultFleet(clients) }

    func client(_ role: ServiceRole) -> FaultControlClient {
        guard let client = clients[role] else { preconditionFailure("every service has a URL") }
        return client
    }

    /// Sends a request to services and reports those that fail; the hint is printed once.
    func ask<Answer>(
        _ tools: Tools, _ roles: [ServiceRole] = ServiceRole.allCases,
        _ body: (FaultControlClient) async throws -> Answer
    ) async throws -> [(role: ServiceRole, answer: Answer)] {
        var answers: [(ServiceRole, Answer)] = []
        var hints: [String] = []
        for role in roles {
            do { answers.append((role, try await body(client(role)))) } catch let error as FaultControlError {
                tools.fail("\(role.rawValue) at \(error)")
                if let hint = Self.hint(error), !hints.contains(hint) { hints.append(hint) }
            }
        }
        for hint in hints { tools.err.line(StyledText(hint)) }
        return answers
    }

    /// Reports the failure of one service.
    static func complain(_ role: ServiceRole, _ error: FaultControlError, _ tools: Tools) {
        tools.fail("\(role.rawValue) at \(error)")
        if let hint = hint(error) { tools.err.line(StyledText(hint)) }
    }

    /// What to do next.
    private static func hint(_ error: FaultControlError) -> String? {
        if error.isUnreachable { return "Start it with 'tailspan up', or say where it is: see --help." }
        return error.status == 403 ? "Set \(FaultControl.tokenVariable) here as it is set there." : nil
    }
}
