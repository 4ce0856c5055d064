import Tracing

/// What the telemetry is about: the service and where it runs (OpenTelemetry Resource SDK). A value, never changed
/// once the SDK runs.
public struct Resource: Sendable, Hashable {
    /// The attributes, such as `service.name`.
    public var attributes: SpanAttributes

    /// Creates a resource.
    public init(attributes: SpanAttributes = [:]) { self.attributes = attributes }
}
