/// What every line of a service says about it. An empty part is left out.
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
