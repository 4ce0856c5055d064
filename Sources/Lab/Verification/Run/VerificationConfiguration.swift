import Vocabulary

/// What to verify, where, and for how long.
package struct VerificationConfiguration: Sendable {
    package var seed: UInt64
    package var requests: Int
    /// How many requests are in flight at once.
    package var concurrency = 16
    /// How long tasks and telemetry may take after the last answer.
    package var deadline: Duration = .seconds(60)
    /// How long nothing new must arrive before violations count as final.
    package var settle: Duration = .seconds(10)
    /// How long to wait for services and stores to answer at all before anything is sent.
    package var patience: Duration = .seconds(10)
    /// For one request to the gateway.
    package var requestTimeout: Duration = .seconds(30)
    /// The base URLs of the services, without trailing slashes.
    package var services: [ServiceRole: String]
    package var loki: String
    package var tempo: String
    /// The tenant of the lines and spans, where the stores keep several tenants apart.
    package var tenant: Tenant?
    /// The gateway's bearer token, if it requires one.
    package var token: String?
    package var tolerance = Tolerance()
    /// Whether requests may end differently than planned, because faults are being injected.
    package var toleratesFailures = false
    /// Where to read Grafana's data sources.
    package var provisioning = ProvisioningSource.none("no provisioning was given")

    package init(seed: UInt64, requests: Int, services: [ServiceRole: String], loki: String, tempo: String) {
        self.seed = seed
        self.requests = requests
        self.services = services
        self.loki = loki
        self.tempo = tempo
    }

    /// Everything at its default port on this machine.
    package static func local(seed: UInt64, requests: Int) -> VerificationConfiguration {
        VerificationConfiguration(
            seed: seed, requests: requests,
            services: Dictionary(
                uniqueKeysWithValues: ServiceRole.allCases.map { ($0, "http://127.0.0.1:\($0.defaultPort)") }),
            loki: "http://127.0.0.1:\(StackPort.loki)", tempo: "http://127.0.0.1:\(StackPort.tempo)")
    }
}

/// Why nothing could be verified. Not a violation: the state is unknown.
package struct VerificationError: Error, Equatable, CustomStringConvertible {
    package var description: String
    package init(_ description: String) { self.description = description }
}

/// The progress of a verification.
package struct VerificationProgress: Sendable, Equatable {
    package enum Phase: String, Sendable, CaseIterable {
        case waitingForTargets = "waiting for an answer"
        case preparing
        case sending
        case waitingForTasks = "waiting for tasks"
        case collecting
    }

    package var phase: Phase
    package var done: Int
    package var total: Int
    /// What it waits for; empty if the phase says it.
    package var subject = ""

    package init(_ phase: Phase, _ done: Int, of total: Int, subject: String = "") {
        self.phase = phase
        self.done = done
        self.total = total
        self.subject = subject
    }

    /// For people.
    package var note: String { phase.rawValue + (subject.isEmpty ? "" : " of \(subject)") }
}
