import Arguments
import Configuration
import Glibc
import Supervision
import Vocabulary

/// Selects the tenant of the lines and spans, where Loki and Tempo keep several rooms apart.
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

    /// The tenant as given, otherwise from the variable, otherwise from the running environment.
    func tenant(_ running: RunningEnvironment?) -> Tenant? {
        (given ?? Self.variable).flatMap(Tenant.init) ?? running?.tenant
    }

    /// Read here, like the environment's folder: it depends on where a command is run. Empty counts as unset.
    private static var variable: String? {
        getenv(Tenant.variable).flatMap { Environment([Tenant.variable: String(cString: $0)]).string(Tenant.variable) }
    }
}

extension Check where Value == String {
    /// Valid tenant names for Loki and Tempo.
    fileprivate static var tenant: Check { Check(Tenant.expectation) { Tenant($0) != nil } }
}
