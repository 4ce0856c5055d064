extension SettingGroup {
    private static let prefix = "OTEL_EXPORTER_OTLP_"

    /// The settings that exist for all signals and for each one.
    private static func exporter(_ signal: String, read readers: Set<Setting.Reader>) -> [Setting] {
        let isGeneral = signal.isEmpty
        let kind = signal == "LOGS" ? "log records" : "spans"
        func setting(
            _ name: String, _ form: Setting.Form, _ fallback: Setting.Default, _ general: String, _ own: String
        ) -> Setting {
            Setting(
                prefix + (isGeneral ? "" : signal + "_") + name, form,
                default: isGeneral ? fallback : .described("`\(prefix)\(name)`"), read: readers,
                isGeneral ? general : own)
        }
        var settings = [
            setting(
                "HEADERS", .text("name=value pairs separated by commas"), .none,
                "header fields of every request, percent-encoded", "header fields of requests with \(kind)"),
            setting(
                "COMPRESSION", .text("gzip, none"), "none", "how bodies are compressed",
                "how bodies with \(kind) are compressed"),
            setting(
                "TIMEOUT", .number(), "10000", "how long one export may take, in milliseconds; 0 for no limit",
                "how long one export of \(kind) may take, in milliseconds; 0 for no limit"),
            setting(
                "PROTOCOL", .text("http/protobuf, http/json"), "http/protobuf",
                "how bodies are encoded; gRPC is not supported", "how \(kind) are encoded"),
            setting(
                "CERTIFICATE", .text("a PEM file"), .described("the system's"),
                "the authority that is trusted at an `https` endpoint", "the authority that is trusted for \(kind)"),
            setting(
                "CLIENT_CERTIFICATE", .text("a PEM file"), .none, "the client certificate for an `https` endpoint",
                "the client certificate for \(kind)"),
            setting(
                "CLIENT_KEY", .text("a PEM file"), .none, "the key of the client certificate",
                "the key of the client certificate for \(kind)"),
        ]
        let url = Setting.Form.url("http://127.0.0.1:4318")
        let endpoint =
            switch signal {
            case "TRACES":
                Setting(
                    prefix + "TRACES_ENDPOINT", url, default: .described("`\(prefix)ENDPOINT` and `/v1/traces`"),
                    read: readers, "the full URL that spans are sent to; empty for nowhere")
            case "LOGS":
                Setting(
                    prefix + "LOGS_ENDPOINT", url, default: .none, read: readers,
                    "the full URL that log records are sent to, besides file and standard output")
            default:
                Setting(
                    prefix + "ENDPOINT", url, default: .described("none: nothing is sent"), read: readers,
                    """
                    where an OTLP/HTTP receiver is; spans are sent to `/v1/traces` there. `tailspan up` sets it for the \
                    services. `load`, `verify` and `incident` find a receiver on this machine by themselves
                    """)
            }
        settings.insert(endpoint, at: 0)
        return settings
    }

    static let export = SettingGroup(
        "OpenTelemetry: export",
        note: "A program warns of each `OTEL_*` variable that is set and has no effect.",
        exporter("", read: .servicesAndCommands) + exporter("TRACES", read: .servicesAndCommands)
            + exporter("LOGS", read: .services) + [
                Setting(
                    "OTEL_TRACES_EXPORTER", .text("otlp, none"), default: .described("`otlp` if there is an endpoint"),
                    read: .servicesAndCommands, "whether spans are sent"),
                Setting(
                    "OTEL_LOGS_EXPORTER", .text("otlp, none, console"),
                    default: .described("`otlp` if `OTEL_EXPORTER_OTLP_LOGS_ENDPOINT` is set, else `none`"),
                    read: .services,
                    "whether log records are sent, besides file and standard output"),
                Setting(
                    "OTEL_METRICS_EXPORTER", .text("prometheus"), default: "prometheus", read: .services,
                    "metrics are always at `/metrics` and never sent"),
            ])

    static let traces = SettingGroup(
        "OpenTelemetry: resource and traces",
        [
            Setting(
                "OTEL_SDK_DISABLED", .flag, default: "false", read: .servicesAndCommands,
                "whether nothing is recorded; trace context is still passed on"),
            Setting(
                "OTEL_SERVICE_NAME", .anyText, default: .described("the service's or the command's name"),
                read: .servicesAndCommands, "`service.name` of spans and lines (`tailspan up` sets it for each service)"
            ),
            Setting(
                "OTEL_RESOURCE_ATTRIBUTES", .text("percent-encoded key=value pairs separated by commas"),
                default: .none,
                read: .servicesAndCommands, "further attributes of the resource, which override those of the program"),
            Setting(
                "OTEL_PROPAGATORS", .text("tracecontext, baggage or none"), default: "tracecontext,baggage",
                read: .services, "how trace context is read from and written to requests, separated by commas"),
            Setting(
                "OTEL_TRACES_SAMPLER",
                .text(
                    "always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off, "
                        + "parentbased_traceidratio"),
                default: "parentbased_always_on", read: .servicesAndCommands, "which spans are recorded"),
            Setting(
                "OTEL_TRACES_SAMPLER_ARG", .text("a number from 0 to 1"), default: "1", read: .servicesAndCommands,
                "the ratio of the two samplers that have one"),
        ])

    static let limits = SettingGroup(
        "OpenTelemetry: limits of a span",
        [
            Setting(
                "OTEL_ATTRIBUTE_COUNT_LIMIT", .number(), default: "128", read: .servicesAndCommands,
                "how many attributes a span, an event or a link keeps"),
            Setting(
                "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", .number(), default: .described("no limit"),
                read: .servicesAndCommands,
                "how many characters of a text attribute are kept"),
            Setting(
                "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", .number(), default: .described("`OTEL_ATTRIBUTE_COUNT_LIMIT`"),
                read: .servicesAndCommands, "how many attributes a span keeps"),
            Setting(
                "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", .number(),
                default: .described("`OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT`"), read: .servicesAndCommands,
                "how many characters of a span's text attribute are kept"),
            Setting(
                "OTEL_SPAN_EVENT_COUNT_LIMIT", .number(), default: "128", read: .servicesAndCommands,
                "how many events a span keeps"
            ),
            Setting(
                "OTEL_SPAN_LINK_COUNT_LIMIT", .number(), default: "128", read: .servicesAndCommands,
                "how many links a span keeps"),
            Setting(
                "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", .number(), default: .described("`OTEL_ATTRIBUTE_COUNT_LIMIT`"),
                read: .servicesAndCommands, "how many attributes an event keeps"),
            Setting(
                "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", .number(), default: .described("`OTEL_ATTRIBUTE_COUNT_LIMIT`"),
                read: .servicesAndCommands, "how many attributes a link keeps"),
        ])

    static let batches = SettingGroup(
        "OpenTelemetry: batches",
        note: """
            Commands send their spans after 1000 ms unless `OTEL_BSP_SCHEDULE_DELAY` is set; those that start their own \
            environment use 500 ms. A batch that the receiver does \
            not take stays in the queue and is tried again for 5 minutes.
            """,
        batch("OTEL_BSP_", "spans", delay: "5000", read: .servicesAndCommands)
            + batch("OTEL_BLRP_", "log records", delay: "1000", read: .services))

    private static func batch(
        _ prefix: String, _ things: String, delay: String, read readers: Set<Setting.Reader>
    ) -> [Setting] {
        [
            Setting(
                prefix + "SCHEDULE_DELAY", .number(), default: .value(delay), read: readers,
                "how long \(things) wait at most before they are sent, in milliseconds"),
            Setting(
                prefix + "EXPORT_TIMEOUT", .number(), default: "30000", read: readers,
                "how long one export of \(things) may take, in milliseconds; 0 for no limit"),
            Setting(
                prefix + "MAX_QUEUE_SIZE", .number(atLeast: 1), default: "2048", read: readers,
                "how many \(things) are held at most; further ones are dropped and counted"),
            Setting(
                prefix + "MAX_EXPORT_BATCH_SIZE", .number(atLeast: 1), default: "512", read: readers,
                "how many \(things) one export carries at most"),
        ]
    }
}
