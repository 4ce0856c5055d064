import Encoding

/// Where the data sources are read that Grafana has, or will have.
package enum ProvisioningSource: Sendable, Equatable {
    /// Nowhere, and why.
    case none(String)
    /// A folder with Grafana's provisioning files: `datasources/*.yaml` in it. The variables are those of the process
    /// that Grafana would be.
    case folder(String, environment: [String: String])
    /// A Grafana that runs.
    case grafana(String, GrafanaCredentials?)
}

/// Who asks Grafana.
package enum GrafanaCredentials: Sendable, Equatable {
    /// A service account's token.
    case token(String)
    case user(String, password: String)

    /// The value of the `authorization` field.
    var authorization: String {
        switch self {
        case .token(let token): "Bearer " + token
        case .user(let name, let password): "Basic " + Base64.string(Array("\(name):\(password)".utf8))
        }
    }
}
