import Glibc
import Tracing
import Vocabulary

/// What the telemetry is about: the service and where it runs (OpenTelemetry Resource SDK). A value, never changed
/// once the SDK runs.
public struct Resource: Sendable, Hashable {
    /// The attributes, such as `service.name`.
    public var attributes: SpanAttributes
    /// By which version of the semantic conventions the attributes are named; empty if by none.
    public var schemaURL: String

    /// Creates a resource.
    public init(attributes: SpanAttributes = [:], schemaURL: String = "") {
        self.attributes = attributes
        self.schemaURL = schemaURL
    }

    /// What the SDK knows by itself: `telemetry.sdk.*`, and `service.name` as `unknown_service:` and the executable's
    /// name.
    public static var `default`: Resource {
        Resource(
            attributes: [
                Attribute.serviceName: .string("unknown_service:" + executableName),
                "telemetry.sdk.name": .string(OTelSDK.name),
                "telemetry.sdk.language": "swift",
                "telemetry.sdk.version": .string(OTelSDK.version),
            ], schemaURL: OTelSDK.schemaURL)
    }

    /// This resource with the attributes of `other`, which win (OpenTelemetry Resource SDK, "Merge"). Of two schema URLs
    /// that differ, neither holds for all attributes, so that none is left.
    public func merging(_ other: Resource) -> Resource {
        var result = self
        result.attributes.merge(other.attributes)
        if result.schemaURL.isEmpty {
            result.schemaURL = other.schemaURL
        } else if !other.schemaURL.isEmpty, other.schemaURL != result.schemaURL {
            result.schemaURL = ""
        }
        return result
    }

    /// This resource with `OTEL_RESOURCE_ATTRIBUTES` and over them `OTEL_SERVICE_NAME`. A malformed list is warned
    /// about and ignored whole.
    package func merging(reading reader: inout EnvironmentReader) -> Resource {
        var result = self
        if let text = reader.string("OTEL_RESOURCE_ATTRIBUTES") {
            if let pairs = KeyValueList.parse(text) {
                for (key, value) in pairs { result.attributes[key] = .string(value) }
            } else {
                reader.reject(
                    "OTEL_RESOURCE_ATTRIBUTES", text,
                    expected: "percent-encoded key=value pairs separated by commas", using: "none of them")
            }
        }
        if let name = reader.string("OTEL_SERVICE_NAME") { result.attributes[Attribute.serviceName] = .string(name) }
        return result
    }

    private static var executableName: String {
        // `program_invocation_short_name` is a mutable C global, which Swift 6 does not let through; this link is
        // the same fact.
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0 else { return "process" }
        let path = String(decoding: buffer[..<count], as: UTF8.self)
        return String(path.split(separator: "/").last ?? "process")
    }
}

/// What the SDK calls itself.
public enum OTelSDK {
    /// `telemetry.sdk.name`, also the name of the instrumentation scope.
    public static let name = "tailspan"
    /// `telemetry.sdk.version`, and the version of the whole of Tailspan, which the SDK is a part of: what `tailspan version`
    /// prints, and the services' `service.version` unless `SERVICE_VERSION` says otherwise. It stands nowhere else in
    /// the program.
    public static let version = "0.2.0"
    /// The version of the semantic conventions by which spans, metrics and resources are named.
    public static let schemaURL = "https://opentelemetry.io/schemas/1.40.0"
}
