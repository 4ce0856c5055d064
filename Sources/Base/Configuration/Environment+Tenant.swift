import Vocabulary

extension Environment {
    /// The tenant named by ``Tenant/variable``; `nil` if it is not set.
    /// - Throws: ``ConfigurationError`` for a name that Loki and Tempo would refuse.
    package func tenant() throws -> Tenant? {
        guard let text = string(Tenant.variable) else { return nil }
        guard let tenant = Tenant(text) else {
            throw ConfigurationError("\(Tenant.variable)=\(text): expected \(Tenant.expectation)")
        }
        return tenant
    }
}
