import HTTP

/// The names of the project's own span attributes; all others are OpenTelemetry's semantic conventions.
package enum Attribute {
    package static let taskID = "tailspan.task.id"
    package static let taskState = "tailspan.task.state"
    package static let guildID = "tailspan.guild.id"
    package static let channelID = "tailspan.channel.id"
    package static let amount = "tailspan.amount"
    package static let workloadKind = "tailspan.workload.kind"
    package static let workloadSize = "tailspan.workload.size"
    package static let requestID = HTTPAttribute.requestID
    package static let peerName = HTTPAttribute.peerName
    /// The ids of the fault rules that a request was hit by, separated by commas.
    package static let faultID = "tailspan.fault.id"
    package static let faultKind = "tailspan.fault.kind"
    /// On the event of a span whose work was refused: the problem's type.
    package static let problem = "tailspan.problem"
}
