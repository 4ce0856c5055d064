import Vocabulary

/// A condition on the request: `match=guild_id:g-7`. Several must all hold. A value may end in `*`.
package struct FaultMatch: Sendable, Equatable, CustomStringConvertible {
    package var key: String
    package var value: String

    /// The keys that can be matched on. Values come from the request's body, path or query, or from the caller's
    /// baggage.
    package static let keys = [LogField.guildID, LogField.taskID, LogField.workload, "mode", LogField.requestID]
    /// The prefix for any entry of the baggage, by its name.
    package static let baggagePrefix = "baggage."

    func holds(for actual: String?) -> Bool {
        guard let actual else { return false }
        return value.hasSuffix("*") ? actual.hasPrefix(value.dropLast()) : actual == value
    }

    /// Whether no request can satisfy both conditions.
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
