import Arguments
import Encoding
import EventLoop
import HTTP
import OTelSDK
import Supervision
import Terminal
import Tracing
import Vocabulary
import Workload

/// The destination of the spans of a command's own requests.
struct RootSpanOptions: ArgumentContainer {
    @Option(
        "otlp", value: "URL|none", .urlOrNone,
        help: """
            Where the spans of the requests sent here go, the roots of their traces: over OTLP/HTTP. Without it where \
            OTEL_EXPORTER_OTLP_ENDPOINT says, else where the running environment takes them, else to port \
            \(StackPort.otlpHTTP) of this machine.
            """)
    var endpoint: String?
    @ArgumentGroup var tenants: TenantOptions
}

extension Check where Value == String {
    /// A URL, or the word that disables it.
    fileprivate static var urlOrNone: Check {
        let url = Check.url
        return Check("a URL such as http://127.0.0.1:4318, or none") { $0 == RootSpans.none || url.isMet(by: $0) }
    }
}

extension RootSpans {
    /// Determines where the spans go: to the endpoint of the options, otherwise of the variables, otherwise of the
    /// environment running here, otherwise to the default port on this machine if the gateway is on this machine. `nil`
    /// if no spans are wanted. If they are wanted but cannot be sent, it warns in one line, and they count as lost.
    /// - Parameters:
    ///   - command: the command that sends the requests; its name is the spans' `service.name`.
    ///   - options: the endpoint and tenant given to the command.
    ///   - gateway: the target of the requests.
    static func open(
        _ command: CallingCommand, _ options: RootSpanOptions, gateway: String, _ running: RunningEnvironment?,
        _ tools: Tools, _ eventLoop: EventLoop
    ) async -> RootSpans? {
        let service = command.rawValue
        var environment = tools.environment
        let tenant = options.tenants.tenant(running)
        if let option = options.endpoint {
            if option == none { return nil }
            for name in endpointVariables + ["OTEL_TRACES_EXPORTER", "OTEL_SDK_DISABLED"] { environment[name] = nil }
            environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = option
            // An empty variable means that nothing is exported.
        } else if !endpointVariables.contains(where: { environment[$0] != nil }) {
            let known = running.flatMap { $0.urls[.gateway] == gateway ? $0.otlp : nil }
            guard let endpoint = known ?? (HTTPAuthority(gateway).isThisMachine ? defaultEndpoint : nil) else {
                guard !isSwitchedOff(environment) else { return nil }
                warn(
                    "\(service)'s own spans, the roots of its traces, are not sent: say where to with --otlp URL, or "
                        + "--otlp none", tools)
                return RootSpans(withoutEndpoint: .system)
            }
            environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint
        }
        let configuration = configuration(service, environment, tenant)
        for warning in configuration.warnings { warn(warning, tools) }
        guard let spans = RootSpans(configuration, eventLoop: eventLoop) else { return nil }
        if let trouble = await spans.trouble() {
            // It may still come up: every export tries again.
            let endpoint = HTTPAuthority(configuration.exporter.traces.endpoint ?? "").redactedURL
            warn(
                "nothing takes \(service)'s own spans, the roots of its traces, at \(endpoint): \(trouble); "
                    + "--otlp says where to, or none", tools)
        }
        return spans
    }

    /// The spans of requests to an environment that this command started itself.
    static func own(
        _ command: CallingCommand, to endpoint: String, _ tools: Tools, _ eventLoop: EventLoop
    ) -> RootSpans? {
        // The caller's settings are meant for another backend.
        var environment = tools.environment.filter { !$0.key.hasPrefix("OTEL_") }
        environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint
        environment["OTEL_BSP_SCHEDULE_DELAY"] = "500"
        return RootSpans(configuration(command.rawValue, environment), eventLoop: eventLoop)
    }

    /// In place of a URL, disables the spans.
    static let none = "none"
    static let defaultEndpoint = "http://127.0.0.1:\(StackPort.otlpHTTP)"

    static func warn(_ message: String, _ tools: Tools) {
        tools.err.line(StyledText("warning: ", .color(.yellow).bold) + StyledText(message))
    }

    private static let endpointVariables = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"]

    private static func isSwitchedOff(_ environment: [String: String]) -> Bool {
        var environment = environment
        environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = defaultEndpoint
        let configuration = configuration("", environment)
        return configuration.isDisabled || configuration.exporter.traces.endpoint == nil
    }
}
