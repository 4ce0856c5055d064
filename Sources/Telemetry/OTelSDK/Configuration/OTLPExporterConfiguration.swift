import Encoding
import Glibc
import HTTP
import TraceContext

/// Where and how OTLP is sent (OpenTelemetry Protocol Exporter, "Configuration Options").
public struct OTLPExporterConfiguration: Sendable, Equatable {
    /// How a request body is compressed.
    public enum Compression: Sendable, Equatable {
        /// No compression.
        case none
        /// gzip (RFC 1952).
        case gzip
    }

    /// How a request body is encoded. gRPC is not supported.
    public enum WireProtocol: Sendable, Equatable {
        /// Protocol buffers over HTTP: `http/protobuf`.
        case httpProtobuf
        /// JSON over HTTP: `http/json`.
        case httpJSON
    }

    /// A header field sent with every request.
    public struct Header: Sendable, Equatable {
        /// The name in lower case.
        public var name: String
        /// The value, percent-decoded. May be secret: it is never logged.
        public var value: String

        /// Creates a header field.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The settings of one signal.
    public struct Signal: Sendable, Equatable {
        /// The full URL, such as `http://127.0.0.1:4318/v1/traces`; `nil` disables the export.
        public var endpoint: String?
        /// The header fields sent with each request.
        public var headers: [Header]
        /// The compression of the body.
        public var compression: Compression
        /// The maximum time of one export, including retries.
        public var timeout: Duration
        /// The encoding of the body.
        public var wireProtocol: WireProtocol
        /// The TLS options for an `https:` endpoint.
        public var tls: HTTPClient.TLS

        /// Creates the settings of a signal.
        public init(
            endpoint: String? = nil, headers: [Header] = [], compression: Compression = .none,
            timeout: Duration = .seconds(10), wireProtocol: WireProtocol = .httpProtobuf,
            tls: HTTPClient.TLS = HTTPClient.TLS()
        ) {
            self.endpoint = endpoint
            self.headers = headers
            self.compression = compression
            self.timeout = timeout
            self.wireProtocol = wireProtocol
            self.tls = tls
        }
    }

    /// The base URL from `OTEL_EXPORTER_OTLP_ENDPOINT`.
    public var endpoint: String?
    /// How spans are sent.
    public var traces: Signal
    /// How log records are sent.
    public var logs: Signal

    /// Creates a configuration that exports nothing by default.
    public init(endpoint: String? = nil, traces: Signal = Signal(), logs: Signal = Signal()) {
        self.endpoint = endpoint
        self.traces = traces
        self.logs = logs
    }

    /// Reads `OTEL_EXPORTER_OTLP_*` and `OTEL_{TRACES,LOGS,METRICS}_EXPORTER`.
    ///
    /// Two rules are specific to this project. Without an endpoint nothing is exported; there is no default collector.
    /// Logs are exported only on request, by their own endpoint or by `OTEL_LOGS_EXPORTER=otlp`, because a log agent
    /// already reads the files.
    init(reading reader: inout EnvironmentReader) {
        let base = "OTEL_EXPORTER_OTLP_"
        endpoint = Self.url(base + "ENDPOINT", &reader)
        let general = Self.signal(base, over: Signal(), &reader)
        traces = Self.signal(base + "TRACES_", over: general, &reader)
        logs = Self.signal(base + "LOGS_", over: general, &reader)
        if reader.isPresent(base + "TRACES_ENDPOINT") {
            traces.endpoint = Self.url(base + "TRACES_ENDPOINT", &reader).map(Self.withPath)
        } else {
            traces.endpoint = endpoint.map { Self.appending("v1/traces", to: $0) }
        }
        logs.endpoint = Self.url(base + "LOGS_ENDPOINT", &reader).map(Self.withPath)
        let spans = Self.exporters("OTEL_TRACES_EXPORTER", alsoDone: [], &reader)
        // Lines always go to standard output.
        let records = Self.exporters("OTEL_LOGS_EXPORTER", alsoDone: ["console"], &reader)
        _ = Self.exporters("OTEL_METRICS_EXPORTER", alsoDone: ["prometheus"], isPushed: false, &reader)
        if spans == .none { traces.endpoint = nil }
        if records == .none { logs.endpoint = nil }
        if records == .otlp, logs.endpoint == nil, !reader.isPresent(base + "LOGS_ENDPOINT") {
            logs.endpoint = endpoint.map { Self.appending("v1/logs", to: $0) }
        }
        Self.warn("OTEL_TRACES_EXPORTER", spans == .otlp && traces.endpoint == nil, base + "TRACES_ENDPOINT", &reader)
        Self.warn("OTEL_LOGS_EXPORTER", records == .otlp && logs.endpoint == nil, base + "LOGS_ENDPOINT", &reader)
    }

    /// Adds a header field to both signals, unless a signal's settings already contain it.
    /// - Parameter header: its name must be in lower case.
    public mutating func add(_ header: Header) {
        if !traces.headers.contains(where: { $0.name == header.name }) { traces.headers.append(header) }
        if !logs.headers.contains(where: { $0.name == header.name }) { logs.headers.append(header) }
    }

    private static func appending(_ path: String, to base: String) -> String {
        (base.hasSuffix("/") ? base : base + "/") + path
    }

    private enum Selection {
        case otlp, none, unset
    }

    /// The selection of an exporter variable, which is a list of names.
    private static func exporters(
        _ name: String, alsoDone: Set<String>, isPushed: Bool = true, _ reader: inout EnvironmentReader
    ) -> Selection {
        guard let text = reader.string(name) else { return .unset }
        var result = Selection.unset
        for part in text.split(separator: ",") {
            let word = part.trimmingOptionalWhitespace().lowercased()
            switch word {
            case "otlp" where isPushed: result = .otlp
            case "none" where isPushed: if result == .unset { result = .none }
            case _ where alsoDone.contains(word): continue
            default:
                let expected = (isPushed ? ["otlp", "none"] : []) + alsoDone.sorted()
                reader.reject(
                    name, word, expected: expected.joined(separator: ", "),
                    using: isPushed ? "the default" : "that: metrics are always at /metrics and never sent")
            }
        }
        return result
    }

    private static func warn(
        _ name: String, _ isInVain: Bool, _ endpoint: String, _ reader: inout EnvironmentReader
    ) {
        guard isInVain else { return }
        reader.warn(
            "\(name)=otlp: expected an address in OTEL_EXPORTER_OTLP_ENDPOINT or \(endpoint); nothing is shipped")
    }

    private static func signal(_ prefix: String, over general: Signal, _ reader: inout EnvironmentReader) -> Signal {
        Signal(
            headers: headers(prefix + "HEADERS", &reader) ?? general.headers,
            compression: reader.choice(prefix + "COMPRESSION", ["gzip": .gzip, "none": .none]) ?? general.compression,
            timeout: reader.timeout(prefix + "TIMEOUT") ?? general.timeout,
            wireProtocol: reader.choice(
                prefix + "PROTOCOL", ["http/protobuf": .httpProtobuf, "http/json": .httpJSON]) ?? general.wireProtocol,
            tls: HTTPClient.TLS(
                certificateAuthority: file(prefix + "CERTIFICATE", &reader) ?? general.tls.certificateAuthority,
                clientCertificate: file(prefix + "CLIENT_CERTIFICATE", &reader) ?? general.tls.clientCertificate,
                clientKey: file(prefix + "CLIENT_KEY", &reader) ?? general.tls.clientKey))
    }

    /// The path of a PEM file. A file that is not readable now may appear later, so it is kept; until then every export
    /// fails.
    private static func file(_ name: String, _ reader: inout EnvironmentReader) -> String? {
        guard let path = reader.string(name) else { return nil }
        if access(path, R_OK) != 0 {
            let reason = String(cString: strerror(errno))
            reader.warn(
                "\(name)=\(path): expected a PEM file (\(reason)); nothing can be sent over https until it is there")
        }
        return path
    }

    private static func headers(_ name: String, _ reader: inout EnvironmentReader) -> [Header]? {
        guard let text = reader.string(name) else { return nil }
        guard let pairs = KeyValueList.parse(text), pairs.allSatisfy({ Token.isValid($0.key) && !hasControl($0.value) })
        else {
            reader.reject(name, expected: "name=value pairs separated by commas", using: "no headers")
            return nil
        }
        return pairs.map { Header(name: $0.key.lowercased(), value: $0.value) }
    }

    private static func hasControl(_ value: String) -> Bool { value.utf8.contains { $0 < 0x20 || $0 == 0x7F } }

    private static func url(_ name: String, _ reader: inout EnvironmentReader) -> String? {
        guard let text = reader.string(name) else { return nil }
        let lowercased = text.lowercased()
        let scheme = lowercased.hasPrefix("http://") ? 7 : lowercased.hasPrefix("https://") ? 8 : 0
        let host = text.dropFirst(scheme).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard scheme > 0, !host.isEmpty, !host.hasPrefix(":"), !text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F })
        else {
            reader.reject(
                name, URLRedaction.refused(text), expected: "a URL such as http://127.0.0.1:4318",
                using: "none, so nothing is shipped")
            return nil
        }
        return text
    }

    /// Adds the root path to a URL without a path.
    private static func withPath(_ url: String) -> String {
        let schemeEnd = url.utf8.firstIndex(of: UInt8(ascii: ":")) ?? url.startIndex
        return url[schemeEnd...].dropFirst(3).contains("/") ? url : url + "/"
    }
}
