import FileSystem
import Glibc
import Vocabulary

/// The whole environment as local processes, started and stopped in order.
package struct StackSession: Sendable {
    package let layout: StackLayout
    package let supervisor: ProcessSupervisor
    /// The program for all parts; its first argument selects the part.
    var executable = "/proc/self/exe"
    package let environment: [String: String]
    /// Variables of single services, which override ``environment``.
    package var own: [ServiceRole: [String: String]] = [:]

    package init(
        layout: StackLayout, supervisor: ProcessSupervisor, executable: String = "/proc/self/exe",
        environment: [String: String], own: [ServiceRole: [String: String]] = [:]
    ) {
        self.layout = layout
        self.supervisor = supervisor
        self.executable = executable
        self.environment = environment
        self.own = own
    }

    /// What prevents a start; empty if nothing does.
    package func obstacles() -> [String] {
        layout.ports.compactMap { port, use in
            guard !Ports.isFree(port) else { return nil }
            let owner = Ports.owner(of: port)?.description ?? "something that listens on no port of this machine's list"
            return "port \(port), which \(use) needs, is taken by \(owner)"
        }
    }

    /// Creates the folders, starts the receiver of logs and spans, then the services, and waits until all are ready.
    /// - Throws: what prevented the start, with a message that names the part and the reason.
    package func start(deadline: Duration) async throws {
        try Files.makeFolder(layout.dataFolder)
        for part in layout.services.keys { try Files.makeFolder(layout.logFolder + "/" + part.rawValue) }
        var environment = environment
        environment[ParentDeath.variable] = "\(getpid())"
        let start = ContinuousClock.now
        if let pocket = layout.pocketPart(executable, environment) {
            try supervisor.start(pocket)
            try await supervisor.waitUntilReady(deadline: deadline)
        }
        for part in layout.serviceParts(executable, environment, own: own) { try supervisor.start(part) }
        try await supervisor.waitUntilReady(deadline: max(.seconds(1), deadline - start.duration(to: .now)))
    }

    /// Restarts a service with additional variables.
    package func restart(_ role: ServiceRole, with variables: [String: String] = [:], deadline: Duration) async throws {
        var environment = environment
        environment[ParentDeath.variable] = "\(getpid())"
        let own = [role: (own[role] ?? [:]).merging(variables) { $1 }]
        let part = layout.serviceParts(executable, environment, own: own).first { $0.name == role.rawValue }
        if let part { try await supervisor.restart(part, deadline: deadline) }
    }

    /// Restarts a part that has ended, including the pocket stack.
    package func revive(_ part: String, deadline: Duration) async throws {
        if let role = ServiceRole(rawValue: part) { return try await restart(role, deadline: deadline) }
        var environment = environment
        environment[ParentDeath.variable] = "\(getpid())"
        if let pocket = layout.pocketPart(executable, environment) {
            try await supervisor.restart(pocket, deadline: deadline)
        }
    }

    /// Stops everything in order, so that the last spans and lines arrive.
    package func stop() async {
        await supervisor.stop(order: StackLayout.stopOrder, receiver: StackLayout.pocketName)
    }
}
