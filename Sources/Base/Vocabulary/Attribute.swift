/// The names of attributes that two places agree on: the project's own, under `tailspan.`, and one of OpenTelemetry's.
package enum Attribute {
    package static let taskID = "tailspan.task.id"
    package static let taskState = "tailspan.task.state"
    package static let guildID = "tailspan.guild.id"
    package static let channelID = "tailspan.channel.id"
    package static let amount = "tailspan.amount"
    package static let workloadKind = "tailspan.workload.kind"
    package static let workloadSize = "tailspan.workload.size"
    /// The request's own id, as in `x-request-id`.
    package static let requestID = "tailspan.request.id"
    /// The `service.name` of the other side of a call, in spans and metrics (semantic conventions, "Service"; it was
    /// `peer.service` before).
    package static let peerName = "service.peer.name"
    /// The ids of the fault rules that a request was hit by, separated by commas.
    package static let faultID = "tailspan.fault.id"
    package static let faultKind = "tailspan.fault.kind"
    /// On the event of a span whose work was refused: the problem's type.
    package static let problem = "tailspan.problem"
}
