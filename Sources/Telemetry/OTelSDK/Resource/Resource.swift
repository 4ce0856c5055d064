import Glibc
import Tracing
import Vocabulary

/// The source of the telemetry: the service and where it runs (OpenTelemetry Resource SDK). A value that does not
/// change once the SDK runs.
public struct Resource: Sendable, Hashable {
    /// The attributes, such as `service.name`.
    public var attributes: SpanAttributes
    /// The schema URL of the semantic conventions that the attributes follow; empty for none.
    public var schemaURL: String

    /// Creates a resource.
    public init(attributes: SpanAttributes = [:], schemaURL: String = "") {
        self.attributes = attributes
        self.schemaURL = schemaURL
    }

    /// What the SDK knows by itself: `telemetry.sdk.*`, and `service.name` as `unknown_service:` followed by the
    /// executable's name.
    public static var `default`: Resource {
        Resource(
            attributes: [
                Attribute.serviceName: .string("unknown_service:" + executableName),
                "telemetry.sdk.name": .string(OTelSDK.name),
                "telemetry.sdk.language": "swift",
                "telemetry.sdk.version": .string(OTelSDK.version),
            ], schemaURL: OTelSDK.schemaURL)
    }

    /// This resource merged with `other`, whose attributes take precedence (OpenTelemetry Resource SDK, "Merge"). If
    /// the schema URLs differ, neither applies to all attributes, so the result has none.
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

    /// This resource merged with `OTEL_RESOURCE_ATTRIBUTES` and then `OTEL_SERVICE_NAME`. A malformed list causes a
    /// warning and is ignored entirely.
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
        // Swift 6 rejects `program_invocation_short_name`, a mutable C global. This link gives the same information.
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0 else { return "process" }
        let path = String(decoding: buffer[..<count], as: UTF8.self)
        return String(path.split(separator: "/").last ?? "process")
    }
}

/// The identity of the SDK.
public enum OTelSDK {
    /// `telemetry.sdk.name`, also the name of the instrumentation scope.
    public static let name = "tailspan"
    /// `telemetry.sdk.version`, which is also the version of Tailspan: `tailspan version` prints it, and it is the
    /// default `service.version` unless `SERVICE_VERSION` is set. It is defined nowhere else in the program.
    public static let version = "0.2.0"
    /// The version of the semantic conventions that spans, metrics and resources follow.
    public static let schemaURL = "https://opentelemetry.io/schemas/1.40.0"
}
