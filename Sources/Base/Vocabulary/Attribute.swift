/// The names of attributes that two places agree on, on spans, resources, metrics and log records: the project's own,
/// under `tailspan.`, and those of OpenTelemetry's semantic conventions.
@usableFromInline package enum Attribute {
    @inlinable package static var taskID: String { "tailspan.task.id" }
    @inlinable package static var taskState: String { "tailspan.task.state" }
    @inlinable package static var guildID: String { "tailspan.guild.id" }
    @inlinable package static var amount: String { "tailspan.amount" }
    @inlinable package static var workloadKind: String { "tailspan.workload.kind" }
    @inlinable package static var workloadSize: String { "tailspan.workload.size" }
    /// The request's own id, as in `x-request-id`.
    @inlinable package static var requestID: String { "tailspan.request.id" }
    /// The `service.name` of the other side of a call, in spans and metrics (semantic conventions, "Service"; it was
    /// `peer.service` before).
    @inlinable package static var peerName: String { "service.peer.name" }
    /// The ids of the fault rules that a request was hit by, separated by commas.
    @inlinable package static var faultID: String { "tailspan.fault.id" }
    @inlinable package static var faultKind: String { "tailspan.fault.kind" }
    /// On the event of a span whose work was refused: the problem's type.
    @inlinable package static var problem: String { "tailspan.problem" }

    // MARK: OpenTelemetry

    @inlinable package static var serviceName: String { "service.name" }
    @inlinable package static var serviceNamespace: String { "service.namespace" }
    @inlinable package static var serviceVersion: String { "service.version" }
    @inlinable package static var serviceInstanceID: String { "service.instance.id" }
    @inlinable package static var deploymentEnvironment: String { "deployment.environment.name" }
    @inlinable package static var cloudRegion: String { "cloud.region" }
    @inlinable package static var errorType: String { "error.type" }
    @inlinable package static var exceptionType: String { "exception.type" }
    @inlinable package static var exceptionMessage: String { "exception.message" }
    @inlinable package static var exceptionStackTrace: String { "exception.stacktrace" }
    @inlinable package static var httpRequestMethod: String { "http.request.method" }
    @inlinable package static var httpResponseStatus: String { "http.response.status_code" }
    @inlinable package static var httpRoute: String { "http.route" }
    @inlinable package static var httpResendCount: String { "http.request.resend_count" }
    @inlinable package static var urlFull: String { "url.full" }
    @inlinable package static var urlScheme: String { "url.scheme" }
    @inlinable package static var urlTemplate: String { "url.template" }
    @inlinable package static var serverAddress: String { "server.address" }
    @inlinable package static var serverPort: String { "server.port" }
    @inlinable package static var networkTransport: String { "network.transport" }
    @inlinable package static var networkProtocolVersion: String { "network.protocol.version" }
    @inlinable package static var databaseSystem: String { "db.system.name" }
    @inlinable package static var messagingSystem: String { "messaging.system" }
    @inlinable package static var componentType: String { "otel.component.type" }
    @inlinable package static var componentName: String { "otel.component.name" }
}
