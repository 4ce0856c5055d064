import Encoding
import HTTP
import Vocabulary

/// Where a data source is asked, so that what a click would ask comes to where a click would come.
struct SourceAccess: Sendable {
    enum Way: Sendable, Equatable {
        /// At this address, with these header fields.
        case at(String, headers: [String: String])
        /// Nowhere, though Grafana would ask: why.
        case unknown(String)
        /// Nowhere, and Grafana has nothing to ask either: why.
        case impossible(String)
    }

    private let grafana: (url: String, authorization: String?)?
    /// The hosts that this machine reaches by the names that Grafana uses: what is verified is asked there.
    private let hosts: Set<String>

    init(_ configuration: VerificationConfiguration) {
        if case .grafana(let url, let credentials) = configuration.provisioning {
            grafana = (url, credentials?.authorization)
        } else {
            grafana = nil
        }
        hosts = Set([configuration.loki, configuration.tempo].compactMap { Self.host($0) })
    }

    /// Through Grafana's proxy if there is a Grafana; else at the source's own address, if that means the same here as
    /// where Grafana runs.
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
