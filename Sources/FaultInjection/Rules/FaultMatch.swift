import Contracts

/// A condition on the request: `match=guild_id:g-7`. Several must all hold. A value may end in `*`.
package struct FaultMatch: Sendable, Equatable, CustomStringConvertible {
    package var key: String
    package var value: String

    /// What can be asked for: the request's body, path or query say it, or the baggage of the caller does.
    package static let keys = [LogField.guildID, LogField.taskID, LogField.workload, "mode", LogField.requestID]
    /// Any entry of the baggage, by its name.
    package static let baggagePrefix = "baggage."

    func holds(for actual: String?) -> Bool {
        guard let actual else { return false }
        return value.hasSuffix("*") ? actual.hasPrefix(value.dropLast()) : actual == value
    }

    package var description: String { "\(key):\(RuleText.quoted(value))" }
}
