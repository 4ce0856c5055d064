import Encoding

/// How each `OTEL_*` variable is handled. A test checks it against the lists of the specification ("Environment
/// Variable Specification", "OpenTelemetry Protocol Exporter").
enum OTelVariables {
    enum Support: Equatable {
        case honoured
        /// The variable has no effect, for this reason.
        case unused(String)
    }

    /// Returns a warning for each variable that is set but has no effect. Omits the value, which may be secret.
    static func warnings(_ variables: [String: String]) -> [String] {
        variables.keys.filter { $0.hasPrefix("OTEL_") }.sorted().compactMap { name in
            guard !(variables[name] ?? "").trimmingWhitespace().isEmpty else { return nil }
            switch support(of: name) {
            case .honoured: return nil
            case .unused(let reason): return "\(shown(name)) has no effect: \(reason)"
            }
        }
    }

    static func support(of name: String) -> Support {
        if let known = table[name] { return known }
        for (prefix, reason) in prefixes where name.hasPrefix(prefix) { return .unused(reason) }
        let hint = nearest(to: name).map { "; did you mean \($0)?" } ?? ""
        return .unused("OpenTelemetry's specification has no such variable\(hint)")
    }

    /// A name may contain anything but `=`, so characters that could break a line are replaced.
    private static func shown(_ name: String) -> String {
        String(name.unicodeScalars.prefix(120).map { (0x21...0x7E).contains($0.value) ? Character($0) : "\u{FFFD}" })
    }

    private static let table: [String: Support] = {
        var table: [String: Support] = [:]
        for name in honoured { table[name] = .honoured }
        for (reason, names) in unused { for name in names { table[name] = .unused(reason) } }
        return table
    }()

    /// The suffixes of a signal's variables, after `OTEL_EXPORTER_OTLP_`, `…_TRACES_`, `…_LOGS_`, `…_METRICS_`.
    private static let exporter = [
        "ENDPOINT", "HEADERS", "COMPRESSION", "TIMEOUT", "PROTOCOL", "CERTIFICATE", "CLIENT_CERTIFICATE", "CLIENT_KEY",
    ]

    private static let honoured =
        [
            "OTEL_SDK_DISABLED", "OTEL_RESOURCE_ATTRIBUTES", "OTEL_SERVICE_NAME", "OTEL_PROPAGATORS",
            "OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
            "OTEL_ATTRIBUTE_COUNT_LIMIT", "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT",
            "OTEL_SPAN_EVENT_COUNT_LIMIT", "OTEL_SPAN_LINK_COUNT_LIMIT", "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT",
            "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", "OTEL_TRACES_EXPORTER", "OTEL_LOGS_EXPORTER", "OTEL_METRICS_EXPORTER",
        ]
        + ["OTEL_BSP_", "OTEL_BLRP_"].flatMap { prefix in
            ["SCHEDULE_DELAY", "EXPORT_TIMEOUT", "MAX_QUEUE_SIZE", "MAX_EXPORT_BATCH_SIZE"].map { prefix + $0 }
        }
        + ["", "TRACES_", "LOGS_"].flatMap { signal in exporter.map { "OTEL_EXPORTER_OTLP_" + signal + $0 } }

    private static let pulled = "metrics are not sent, they are fetched from /metrics"
    private static let insecure = "it is for gRPC; over HTTP the endpoint's scheme, http or https, decides"

    private static let unused: [(String, [String])] = [
        ("LOG_LEVEL sets what the services log", ["OTEL_LOG_LEVEL"]),
        ("the resource is set by OTEL_RESOURCE_ATTRIBUTES", ["OTEL_ENTITIES"]),
        ("settings come from the environment alone", ["OTEL_CONFIG_FILE", "OTEL_EXPERIMENTAL_CONFIG_FILE"]),
        (
            "log records have no limits of their own",
            ["OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT"]
        ),
        (
            pulled,
            exporter.map { "OTEL_EXPORTER_OTLP_METRICS_" + $0 } + [
                "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
                "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION", "OTEL_METRIC_EXPORT_INTERVAL",
                "OTEL_METRIC_EXPORT_TIMEOUT",
            ]
        ),
        ("histograms take exemplars from sampled spans (trace_based), always", ["OTEL_METRICS_EXEMPLAR_FILTER"]),
        (
            insecure,
            ["", "TRACES_", "METRICS_", "LOGS_"].map { "OTEL_EXPORTER_OTLP_" + $0 + "INSECURE" }
                + ["OTEL_EXPORTER_OTLP_SPAN_INSECURE", "OTEL_EXPORTER_OTLP_METRIC_INSECURE"]
        ),
        (
            "/metrics is served at the service's own HOST and PORT",
            ["OTEL_EXPORTER_PROMETHEUS_HOST", "OTEL_EXPORTER_PROMETHEUS_PORT"]
        ),
        ("the names are those of the stable conventions already", ["OTEL_SEMCONV_STABILITY_OPT_IN"]),
    ]

    private static let prefixes: [(String, String)] = [
        ("OTEL_EXPORTER_ZIPKIN_", "spans are sent as OTLP, see OTEL_EXPORTER_OTLP_ENDPOINT"),
        ("OTEL_EXPORTER_JAEGER_", "spans are sent as OTLP, which Jaeger takes: see OTEL_EXPORTER_OTLP_ENDPOINT"),
        ("OTEL_INSTRUMENTATION_", "it is for instrumentation libraries of other languages"),
    ]

    /// The supported name that differs by at most two letters.
    private static func nearest(to name: String) -> String? {
        guard name.utf8.count <= 80 else { return nil }
        return honoured.map { (name: $0, distance: distance(Array($0.utf8), Array(name.utf8))) }
            .filter { $0.distance <= 2 }.min { $0.distance < $1.distance }?.name
    }

    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        guard abs(left.count - right.count) <= 2 else { return 3 }
        var row = Array(0...right.count)
        for (index, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let change = diagonal + (byte == right[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(change, row[column] + 1, row[column + 1] + 1)
            }
        }
        return row[right.count]
    }
}
