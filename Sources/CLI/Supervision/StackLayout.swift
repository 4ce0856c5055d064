import FileSystem
import Vocabulary

/// The ports and folders of the whole environment.
package struct StackLayout: Sendable {
    /// The observability stack around the services.
    package enum Stack: Sendable, Equatable {
        /// One process of ours in the roles of Promtail, Loki, Tempo and Grafana.
        case pocket
        /// Loki, Tempo and Grafana run elsewhere; spans go to this OTLP/HTTP endpoint.
        case external(otlp: String, loki: String, tempo: String, grafana: String)
    }

    package var stack: Stack = .pocket
    var services: [ServiceRole: Int] = [:]
    var loki = StackPort.loki
    var tempo = StackPort.tempo
    var otlp = StackPort.otlpHTTP
    var console = StackPort.grafana
    package var logFolder: String
    package var dataFolder: String

    /// The default ports.
    package init(stack: Stack, logFolder: String, dataFolder: String) {
        self.stack = stack
        self.logFolder = logFolder
        self.dataFolder = dataFolder
        for role in ServiceRole.allCases { services[role] = role.defaultPort }
    }

    /// The number of ports to assign.
    package static let portCount = ServiceRole.allCases.count + 4

    /// Assigns `ports`, of which there are ``portCount``: to the services, then Loki, Tempo, OTLP, the console.
    package mutating func use(_ ports: [Int]) {
        for (role, port) in zip(ServiceRole.allCases, ports) { services[role] = port }
        let rest = Array(ports.dropFirst(ServiceRole.allCases.count))
        (loki, tempo, otlp, console) = (rest[0], rest[1], rest[2], rest[3])
    }

    func port(of role: ServiceRole) -> Int { services[role] ?? role.defaultPort }
    package func url(of role: ServiceRole) -> String { Self.url(port(of: role)) }

    package var lokiURL: String {
        if case .external(_, let loki, _, _) = stack { loki } else { Self.url(loki) }
    }
    package var tempoURL: String {
        if case .external(_, _, let tempo, _) = stack { tempo } else { Self.url(tempo) }
    }
    package var otlpURL: String {
        if case .external(let otlp, _, _, _) = stack { otlp } else { Self.url(otlp) }
    }
    package var consoleURL: String {
        if case .external(_, _, _, let grafana) = stack { grafana } else { Self.url(console) }
    }

    private static func url(_ port: Int) -> String { "http://127.0.0.1:\(port)" }

    /// The Unix-domain socket on which the other parts call a service, which costs less than TCP. It is beside the
    /// databases; `nil` if its path is longer than the system allows, in which case they use the port.
    private func socketPath(of role: ServiceRole) -> String? {
        let path = Files.absolute(dataFolder) + "/" + role.rawValue + ".sock"
        return path.utf8.count <= 107 ? path : nil
    }

    /// The ports that our own processes listen on, with their uses.
    var ports: [(port: Int, use: String)] {
        let own = ServiceRole.allCases.map { (port(of: $0), $0.rawValue) }
        guard stack == .pocket else { return own }
        return own + [(loki, "Loki"), (tempo, "Tempo"), (otlp, "OTLP/HTTP"), (console, "the console")]
    }

    /// The name of the process that replaces the stack.
    package static let pocketName = "pocket"

    /// The order in which parts are stopped: callers before callees; the part that still has to receive their spans and
    /// lines comes last.
    static var stopOrder: [String] { ServiceRole.allCases.map(\.rawValue) }

    /// The pocket stack, unless an external stack is used.
    package func pocketPart(_ executable: String, _ environment: [String: String]) -> PartSpec? {
        guard stack == .pocket else { return nil }
        var variables = common(environment)
        variables["LOKI_PORT"] = "\(loki)"
        variables["TEMPO_PORT"] = "\(tempo)"
        variables["OTLP_HTTP_PORT"] = "\(otlp)"
        variables["CONSOLE_PORT"] = "\(console)"
        for role in ServiceRole.allCases { variables[role.urlVariable] = url(of: role) }
        return PartSpec(
            name: Self.pocketName,
            program: ProgramSpec(executable, ["pocket"], name: "tailspan", environment: variables),
            readinessURLs: [Self.url(loki) + "/ready", Self.url(tempo) + "/ready"])
    }

    /// The services, callees first.
    /// - Parameter own: variables of single services, which override `environment`.
    func serviceParts(
        _ executable: String, _ environment: [String: String], own: [ServiceRole: [String: String]] = [:]
    ) -> [PartSpec] {
        ServiceRole.allCases.reversed().map { role in
            var variables = common(environment.merging(own[role] ?? [:]) { $1 })
            variables["PORT"] = "\(port(of: role))"
            variables["SOCKET_PATH"] = socketPath(of: role)
            for other in ServiceRole.allCases {
                if let path = socketPath(of: other) { variables[other.urlVariable] = "unix:" + path }
            }
            variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = otlpURL
            variables["LOG_FORMAT"] = "json"
            // They are stopped one after the other, but share one time limit.
            if variables["SHUTDOWN_TIMEOUT_MS"] == nil { variables["SHUTDOWN_TIMEOUT_MS"] = "5000" }
            // A name that all services shared would merge them into one; this variable overrides a resource attribute.
            variables["OTEL_SERVICE_NAME"] = role.rawValue
            return PartSpec(
                name: role.rawValue,
                program: ProgramSpec(executable, [role.rawValue], name: "tailspan", environment: variables),
                readinessURLs: [url(of: role) + "/readyz"])
        }
    }

    private func common(_ environment: [String: String]) -> [String: String] {
        var variables = environment
        // Some shells export their own HOST.
        variables["HOST"] = "127.0.0.1"
        variables["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] = nil
        variables["OTEL_EXPORTER_OTLP_LOGS_ENDPOINT"] = nil
        variables["LOG_DIR"] = logFolder
        variables["DATA_DIR"] = dataFolder
        for role in ServiceRole.allCases { variables[role.urlVariable] = url(of: role) }
        return variables
    }
}
