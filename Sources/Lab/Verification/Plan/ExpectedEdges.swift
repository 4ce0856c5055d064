import Contracts
import Vocabulary
import Workload

/// A span that a request must cause, with its expected children.
package struct ExpectedSpan: Sendable, Equatable {
    package var service: ServiceRole
    package var kind: SpanRecord.Kind
    package var name: String
    /// How many such spans the parent must have.
    package var count = 1
    package var children: [ExpectedSpan] = []

    /// For example `payments SERVER "POST /v1/reservations"`.
    package var title: String { "\(service.rawValue) \(kind.rawValue.uppercased()) \"\(name)\"" }

    func times(_ count: Int) -> ExpectedSpan {
        var copy = self
        copy.count = count
        return copy
    }

    /// This span and all its descendants.
    package var all: [ExpectedSpan] { [self] + children.flatMap(\.all) }

    func matches(_ span: SpanRecord) -> Bool {
        span.service == service.rawValue && span.kind == kind && span.name == name
    }
}

/// The spans that each kind of request must leave in the trace store, edge by edge.
package enum ExpectedEdges {
    /// The gateway's SERVER span with all its descendants.
    package static func root(of kind: RequestKind, _ computation: WorkloadSpec.Kind) -> ExpectedSpan {
        switch kind {
        case .sync:
            return throughGateway(
                [client(.tasks, "INSERT tasks"), reserve] + compute(computation) + [settle, updates(3)])
        case .async:
            return throughGateway([
                ExpectedSpan(
                    service: .tasks, kind: .producer, name: "send tasks",
                    children: [
                        client(.tasks, "INSERT tasks"),
                        ExpectedSpan(
                            service: .tasks, kind: .consumer, name: "process tasks",
                            children: [reserve] + compute(computation) + [settle, updates(3)]),
                    ])
            ])
        case .unknownGuild, .poor:
            // Payments refuses inside its transaction, before any money is held; the task is stored as failed.
            return throughGateway([client(.tasks, "INSERT tasks"), reserve, updates(1)])
        case .badBody:
            return server(.gateway, "POST /v1/tasks")
        }
    }

    /// How many requests of each service a request of this kind causes.
    package static func serverSpans(of kind: RequestKind, _ computation: WorkloadSpec.Kind) -> [ServiceRole: Int] {
        root(of: kind, computation).all.filter { $0.kind == .server }.reduce(into: [:]) {
            $0[$1.service, default: 0] += 1
        }
    }

    private static func throughGateway(_ children: [ExpectedSpan]) -> ExpectedSpan {
        server(.gateway, "POST /v1/tasks", [call(.gateway, .tasks, "POST /v1/tasks", children)])
    }

    private static let reserve = call(
        .tasks, .payments, "POST /v1/reservations", [client(.payments, "INSERT reservations")])
    private static let settle = call(
        .tasks, .payments, "POST /v1/settlements", [client(.payments, "UPDATE reservations")])

    /// A successful task is stored as reserved, executing and settled.
    private static func updates(_ count: Int) -> ExpectedSpan { client(.tasks, "UPDATE tasks").times(count) }

    private static func compute(_ computation: WorkloadSpec.Kind) -> [ExpectedSpan] {
        let work = ExpectedSpan(service: .executor, kind: .internal, name: "compute " + computation.rawValue)
        return [call(.tasks, .executor, "POST /v1/executions", [work])]
    }

    /// A CLIENT span of `caller` with the SERVER span of `callee` as its child.
    private static func call(
        _ caller: ServiceRole, _ callee: ServiceRole, _ name: String, _ children: [ExpectedSpan]
    ) -> ExpectedSpan {
        client(caller, name, [server(callee, name, children)])
    }

    private static func client(
        _ service: ServiceRole, _ name: String, _ children: [ExpectedSpan] = []
    ) -> ExpectedSpan {
        ExpectedSpan(service: service, kind: .client, name: name, children: children)
    }

    private static func server(
        _ service: ServiceRole, _ name: String, _ children: [ExpectedSpan] = []
    ) -> ExpectedSpan {
        ExpectedSpan(service: service, kind: .server, name: name, children: children)
    }
}
