import Encoding
import HTTP
import Vocabulary

/// Determines how to reach a data source the way Grafana reaches it.
struct SourceAccess: Sendable {
    enum Way: Sendable, Equatable {
        /// At this address, with these header fields.
        case at(String, headers: [String: String])
        /// Unreachable from here, though Grafana can reach it; with the reason.
        case unknown(String)
        /// Unreachable for Grafana too; with the reason.
        case impossible(String)
    }

    private let grafana: (url: String, authorization: String?)?
    /// Host names in Grafana's network that this machine also resolves: those of the stores under verification.
    private let hosts: Set<String>

    init(_ configuration: VerificationConfiguration) {
        if case .grafana(let url, let credentials) = configuration.provisioning {
            grafana = (url, credentials?.authorization)
        } else {
            grafana = nil
        }
        hosts = Set([configuration.loki, configuration.tempo].compactMap { Self.host($0) })
    }

    /// Through Grafana's proxy if there is a Grafana; otherwise at the source's own address, if that address means the
    /// same here as where Grafana runs.
    func way(to source: DataSource) -> Way {
        guard !source.url.isEmpty else { return .impossible("has no address: is the variable in its url set?") }
        if let grafana {
            return .at(
                "\(grafana.url)/api/datasources/proxy/uid/\(PercentEncoding.encode(source.uid))",
                headers: grafana.authorization.map { [Header.authorization: $0] } ?? [:])
        }
        guard let host = Self.host(source.url) else { return .impossible("has '\(source.url)' for an address") }
        guard HostAddress.isLoopback(host) || hosts.contains(host) else {
            return .unknown("in a network of Grafana's own, where --grafana asks it")
        }
        return .at(source.url.hasSuffix("/") ? String(source.url.dropLast()) : source.url, headers: source.headers)
    }

    /// The host of an absolute URL, in lower case.
    static func host(_ url: String) -> String? {
        for scheme in ["http://", "https://"] where url.lowercased().hasPrefix(scheme) {
            var rest = url.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" }
            if let at = rest.lastIndex(of: "@") { rest = rest[rest.index(after: at)...] }
            let host = rest.hasPrefix("[") ? rest.prefix { $0 != "]" } + "]" : rest.prefix { $0 != ":" }
            return host.isEmpty ? nil : host.lowercased()
        }
        return nil
    }
}
