import Encoding

/// Where to read the data sources that Grafana has, or will have.
package enum ProvisioningSource: Sendable, Equatable {
    /// Nowhere; with the reason.
    case none(String)
    /// A folder with Grafana's provisioning files in `datasources/*.yaml`. The environment is that of the Grafana
    /// process.
    case folder(String, environment: [String: String])
    /// A running Grafana.
    case grafana(String, GrafanaCredentials?)
}

/// The credentials for Grafana.
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
