import Arguments
import Configuration
import Glibc
import Supervision
import Vocabulary

/// Whose lines and spans a command is about, where Loki and Tempo keep several rooms apart.
struct TenantOptions: ArgumentContainer {
    @Option(
        "tenant", value: "NAME", .tenant,
        help: """
            Whose lines and spans, where Loki and Tempo keep several rooms apart (header X-Scope-OrgID); else TENANT, \
            else the running environment's. The pocket stack keeps none apart.
            """)
    var given: String?

    func validate() throws(UsageError) {
        guard given == nil, let text = Self.variable, Tenant(text) == nil else { return }
        throw UsageError("\(Tenant.variable)=\(text): expected \(Tenant.expectation)")
    }

    /// As it was given, else as the variable says, else as the running environment has it.
    func tenant(_ running: RunningEnvironment?) -> Tenant? {
        (given ?? Self.variable).flatMap(Tenant.init) ?? running?.tenant
    }

    /// Read here, as the environment's folder is: it says where a command is run. An empty one counts as unset.
    private static var variable: String? {
        getenv(Tenant.variable).flatMap { Environment([Tenant.variable: String(cString: $0)]).string(Tenant.variable) }
    }
}

extension Check where Value == String {
    /// What Loki and Tempo take for a tenant.
    fileprivate static var tenant: Check { Check(Tenant.expectation) { Tenant($0) != nil } }
}
