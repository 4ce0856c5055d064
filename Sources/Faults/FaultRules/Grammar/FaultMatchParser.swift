import Encoding
import Vocabulary

/// Parses the condition after `match=`.
struct FaultMatchParser {
    /// The whole rule, for messages.
    let rule: String

    func match(_ text: String) throws(FaultRuleError) -> FaultMatch {
        guard let colon = text.firstIndex(of: ":") else {
            throw error("match=\(text): expected NAME:VALUE, such as guild_id:g-7")
        }
        let key = String(text[..<colon]).trimmed
        let prefix = FaultMatch.baggagePrefix
        let isBaggage = key.hasPrefix(prefix) && key.count > prefix.count
        guard isBaggage || FaultMatch.keys.contains(key) else {
            let known = FaultMatch.keys + [prefix + "NAME"]
            let hint =
                Suggestion.closest(to: key, among: FaultMatch.keys).map { "did you mean '\($0)'?" }
                ?? "expected \(FaultRuleParser.words(known))"
            throw error("nothing to match called '\(key)': \(hint)")
        }
        guard let value = RuleScanner.unquoted(String(text[text.index(after: colon)...]).trimmed) else {
            throw error("match=\(text): expected nothing after the closing quote")
        }
        guard !value.isEmpty, value != "*" else {
            throw error("match=\(text): expected a value after the colon, which may end in '*'")
        }
        guard !value.dropLast().contains("*") else {
            throw error("match=\(text): expected '*' at the end alone")
        }
        let match = FaultMatch(key: key, value: value)
        try checkKnown(match, text)
        return match
    }

    /// If all values are known, at least one of them must match.
    private func checkKnown(_ match: FaultMatch, _ text: String) throws(FaultRuleError) {
        let known: [String]
        switch match.key {
        case "mode": known = TaskMode.allCases.map(\.rawValue)
        case LogField.workload: known = WorkloadKind.allCases.map(\.rawValue)
        default: return
        }
        guard !known.contains(where: { match.holds(for: $0) }) else { return }
        let hint =
            Suggestion.closest(to: match.value, among: known).map { "did you mean '\($0)'?" }
            ?? "expected \(FaultRuleParser.words(known))"
        throw error("match=\(text): no request has this \(match.key): \(hint)")
    }

    private func error(_ message: String) -> FaultRuleError { FaultRuleError(message, of: rule) }
}
