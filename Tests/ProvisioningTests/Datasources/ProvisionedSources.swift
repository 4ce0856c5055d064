import Foundation
import Verification

/// The data sources of the repository's files, as Grafana has them once it has read the files.
enum ProvisionedSources {
    static let file = "grafana/provisioning/datasources/tailspan.yaml"

    static func read() throws -> [DataSource] {
        try ProvisioningFolder.dataSources(
            Repository.root.appending(path: "grafana/provisioning").path, environment: [:])
    }
}
