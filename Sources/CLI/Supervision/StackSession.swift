import FileSystem
import Glibc
import Vocabulary

/// The whole environment as processes of this machine: started in order, ended in order.
package struct StackSession: Sendable {
    package let layout: StackLayout
    package let supervisor: ProcessSupervisor
    /// The program that plays all parts, by its first argument.
    var executable = "/proc/self/exe"
    package let environment: [String: String]
    /// Variables of single services, which win over ``environment``.
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

    /// What stands in the way of starting; empty if nothing does.
    package func obstacles() -> [String] {
        layout.ports.compactMap { port, use in
            guard !Ports.isFree(port) else { return nil }
            let owner = Ports.owner(of: port)?.description ?? "something that listens on no port of this machine's list"
            return "port \(port), which \(use) needs, is taken by \(owner)"
        }
    }

    /// Makes the folders, starts what receives logs and spans, then the services, and waits until all are ready.
    /// - Throws: whatever stood in the way, with a message that says which part and why.
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

    /// Ends a service and starts it again with other variables added to its own.
    package func restart(_ role: ServiceRole, with variables: [String: String] = [:], deadline: Duration) async throws {
        var environment = environment
        environment[ParentDeath.variable] = "\(getpid())"
        let own = [role: (own[role] ?? [:]).merging(variables) { $1 }]
        let part = layout.serviceParts(executable, environment, own: own).first { $0.name == role.rawValue }
        if let part { try await supervisor.restart(part, deadline: deadline) }
    }

    /// Starts a part again that has ended, the pocket stack too.
    package func revive(_ part: String, deadline: Duration) async throws {
        if let role = ServiceRole(rawValue: part) { return try await restart(role, deadline: deadline) }
        var environment = environment
        environment[ParentDeath.variable] = "\(getpid())"
        if let pocket = layout.pocketPart(executable, environment) {
            try await supervisor.restart(pocket, deadline: deadline)
        }
    }

    /// Ends everything in order, so that the last spans and lines arrive.
    package func stop() async {
        await supervisor.stop(order: StackLayout.stopOrder, receiver: StackLayout.pocketName)
    }
}
