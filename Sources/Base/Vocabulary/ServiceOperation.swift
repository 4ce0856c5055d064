/// An operation of a service: its name in fault rules and reports, and the route behind it.
package struct ServiceOperation: Sendable, Equatable {
    package var service: ServiceRole
    /// A name such as `reserve`; unique within the service.
    package var name: String
    /// The route, such as `POST /v1/reservations`, or the name of the worker's span.
    package var span: String

    package init(_ service: ServiceRole, _ name: String, _ span: String) {
        self.service = service
        self.name = name
        self.span = span
    }

    /// All operations. Health, metrics, audit and control routes are not operations: they always work.
    package static let all: [ServiceOperation] = [
        ServiceOperation(.gateway, "create-task", "POST /v1/tasks"),
        ServiceOperation(.gateway, "list-tasks", "GET /v1/tasks"),
        ServiceOperation(.gateway, "show-task", "GET /v1/tasks/{id}"),
        ServiceOperation(.gateway, "show-balance", "GET /v1/guilds/{id}/balance"),
        ServiceOperation(.tasks, "create-task", "POST /v1/tasks"),
        ServiceOperation(.tasks, "list-tasks", "GET /v1/tasks"),
        ServiceOperation(.tasks, "show-task", "GET /v1/tasks/{id}"),
        ServiceOperation(.tasks, "process-task", "process tasks"),
        ServiceOperation(.executor, "execute", "POST /v1/executions"),
        ServiceOperation(.payments, "reserve", "POST /v1/reservations"),
        ServiceOperation(.payments, "show-reservation", "GET /v1/reservations/{id}"),
        ServiceOperation(.payments, "release", "DELETE /v1/reservations/{id}"),
        ServiceOperation(.payments, "settle", "POST /v1/settlements"),
        ServiceOperation(.payments, "show-balance", "GET /v1/guilds/{id}/balance"),
    ]

    package static func names(of service: ServiceRole?) -> [String] {
        var seen: Set<String> = []
        return all.filter { service == nil || $0.service == service }.map(\.name).filter { seen.insert($0).inserted }
    }
}
