/// Attribute names used in more than one place: the project's own, under `tailspan.`, and one from OpenTelemetry.
package enum Attribute {
    package static let taskID = "tailspan.task.id"
    package static let taskState = "tailspan.task.state"
    package static let guildID = "tailspan.guild.id"
    package static let channelID = "tailspan.channel.id"
    package static let amount = "tailspan.amount"
    package static let workloadKind = "tailspan.workload.kind"
    package static let workloadSize = "tailspan.workload.size"
    /// The request id, as in `x-request-id`.
    package static let requestID = "tailspan.request.id"
    /// The `service.name` of the other side of a call, in spans and metrics (semantic conventions, "Service"; formerly
    /// `peer.service`).
    package static let peerName = "service.peer.name"
    /// The ids of the fault rules that hit the request, separated by commas.
    package static let faultID = "tailspan.fault.id"
    package static let faultKind = "tailspan.fault.kind"
    /// The problem type, on the event of a span whose work was refused.
    package static let problem = "tailspan.problem"
}
