import Vocabulary

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

    /// Whether no request can match both.
    func excludes(_ other: FaultMatch) -> Bool {
        guard key == other.key else { return false }
        switch (value.hasSuffix("*"), other.value.hasSuffix("*")) {
        case (false, _): return !other.holds(for: value)
        case (true, false): return !holds(for: other.value)
        case (true, true):
            let (left, right) = (value.dropLast(), other.value.dropLast())
            return !left.hasPrefix(right) && !right.hasPrefix(left)
        }
    }

    package var description: String { "\(key):\(RuleText.quoted(value))" }
}
