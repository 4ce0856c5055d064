import CommandLine
import Contracts
import Encoding
import EventLoop
import HTTP
import OTel
import Tracing

extension LoadSpans {
    /// Decides where a load's own spans go: where `option` says, else where the environment says, else to this machine's
    /// usual port if the gateway is on this machine and something answers there. `nil` if nowhere; what was asked for
    /// and does not work is warned about in one line.
    static func open(
        option: String?, baseURL: String, _ tools: Tools, _ eventLoop: EventLoop
    ) async -> LoadSpans? {
        var environment = tools.environment
        // A variable that is there but empty says that nothing is to be sent.
        var isAskedFor = endpointVariables.contains { environment[$0] != nil }
        if let option {
            if option == none { return nil }
            for name in endpointVariables + ["OTEL_TRACES_EXPORTER", "OTEL_SDK_DISABLED"] { environment[name] = nil }
            environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = option
            isAskedFor = true
        } else if !isAskedFor {
            guard HTTPAuthority(baseURL).isThisMachine else { return nil }
            environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = defaultEndpoint
        }
        let configuration = configuration(environment)
        for warning in configuration.warnings { warn(warning, tools) }
        guard let spans = LoadSpans(configuration, baseURL: baseURL, eventLoop: eventLoop) else { return nil }
        guard let trouble = await spans.trouble() else { return spans }
        guard isAskedFor else {
            _ = await spans.finish()
            return nil
        }
        // It may still come: every export tries again.
        let endpoint = HTTPAuthority(configuration.exporter.traces.endpoint ?? "").redactedURL
        warn("nothing takes the load's own spans at \(endpoint): \(trouble)", tools)
        return spans
    }

    /// Switches the spans off in the place of a URL.
    static let none = "none"
    static let defaultEndpoint = "http://127.0.0.1:\(StackPort.otlpHTTP)"

    static func warn(_ message: String, _ tools: Tools) {
        tools.err.line(StyledText("warning: ", .color(.yellow).bold) + StyledText(message))
    }

    private static let endpointVariables = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"]

    private static func configuration(_ environment: [String: String]) -> OTelConfiguration {
        var environment = environment
        // Who looks at a trace right after the load finds its root.
        if environment["OTEL_BSP_SCHEDULE_DELAY"] == nil { environment["OTEL_BSP_SCHEDULE_DELAY"] = "1000" }
        return OTelConfiguration(
            environment: environment,
            resource: .default.merging(
                Resource(attributes: [
                    "service.name": "load", "service.namespace": "tailspan",
                    "service.version": .string(environment["SERVICE_VERSION"] ?? OTelSDK.version),
                    "service.instance.id": .string("load-" + Hex.string(UInt64.random(in: .min ... .max))),
                    "deployment.environment.name": .string(environment["DEPLOYMENT_ENVIRONMENT"] ?? "demo"),
                    "cloud.region": .string(environment["REGION"] ?? "local"),
                ])))
    }
}
