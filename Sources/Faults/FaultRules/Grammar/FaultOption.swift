/// What may follow the kind of a rule, as `name=value`.
package enum FaultOption: String, Sendable, CaseIterable {
    case rate, match, from, `for`, id, seed

    /// A value, as it would be written in a rule.
    package var example: String {
        switch self {
        case .rate: "30%"
        case .match: "guild_id:g-7"
        case .from: "10s"
        case .for: "30s"
        case .id: "brownout"
        case .seed: "7"
        }
    }

    /// What it does, in a few words.
    package var summary: String {
        switch self {
        case .rate: "the share of requests that are hit"
        case .match: "only requests with this value; may be given several times"
        case .from: "how long after it was set the rule comes into force"
        case .for: "how long the rule is in force"
        case .id: "the rule's name, from which its decisions follow"
        case .seed: "decides instead of the services' seed"
        }
    }
}
