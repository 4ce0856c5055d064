import Vocabulary

extension ServiceOperation {
    /// The services that the operation calls; some only in certain cases.
    var upstreams: [ServiceRole] {
        switch (service, name) {
        case (.gateway, "show-balance"): [.payments]
        case (.gateway, _): [.tasks]
        case (.tasks, "create-task"), (.tasks, "process-task"): [.payments, .executor]
        default: []
        }
    }

    /// The operations that a rule's target covers.
    static func matching(_ service: ServiceRole?, _ operation: String?) -> [ServiceOperation] {
        all.filter { ($0.service == (service ?? $0.service)) && ($0.name == (operation ?? $0.name)) }
    }

    /// The services called by the operations that a rule's target covers, without duplicates.
    static func upstreams(of service: ServiceRole?, _ operation: String?) -> [ServiceRole] {
        let called = Set(matching(service, operation).flatMap(\.upstreams))
        return ServiceRole.allCases.filter(called.contains)
    }
}
