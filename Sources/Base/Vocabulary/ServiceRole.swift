/// The services of the environment.
package enum ServiceRole: String, Sendable, CaseIterable {
    case gateway
    case tasks
    case executor
    case payments

    /// The default port.
    package var defaultPort: Int {
        switch self {
        case .gateway: 8080
        case .tasks: 8081
        case .executor: 8082
        case .payments: 8083
        }
    }

    /// The services that it calls.
    package var upstreams: [ServiceRole] {
        switch self {
        case .gateway: [.tasks, .payments]
        case .tasks: [.payments, .executor]
        case .executor, .payments: []
        }
    }

    /// The environment variable with the service's URL, for its callers.
    package var urlVariable: String { rawValue.uppercased() + "_URL" }
}

/// The commands that send requests. Their spans use these names as `service.name` and are the roots of traces, but they
/// are not services of the environment. Dashboards omit their failures, which only repeat the gateway's responses.
package enum CallingCommand: String, Sendable, CaseIterable {
    case load
    case verify
    case demo
    case incident
}

/// The ports of the surrounding stack.
package enum StackPort {
    package static let loki = 3100
    package static let tempo = 3200
    package static let otlpGRPC = 4317
    package static let otlpHTTP = 4318
    package static let grafana = 3000
    package static let prometheus = 9090
    package static let promtail = 9080
}
