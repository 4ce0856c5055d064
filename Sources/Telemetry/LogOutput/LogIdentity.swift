/// The identity fields on every line of a service. Empty fields are left out.
package struct LogIdentity: Sendable, Equatable {
    package var service: String
    package var version: String
    package var environment: String
    package var region: String

    package init(service: String, version: String = "", environment: String = "", region: String = "") {
        self.service = service
        self.version = version
        self.environment = environment
        self.region = region
    }
}
