import Encoding
import Vocabulary

/// Formats the parts of a rule.
enum RuleText {
    static func text(_ argument: FaultArgument) -> String {
        switch argument {
        case .none, .upstream(nil): ""
        case .delay(let distribution): distribution.description
        case .duration(let duration): text(duration)
        case .status(let code, nil): String(code)
        case .status(let code, let message?): "\(code):\(quoted(message))"
        case .bytes(let count): bytes(count)
        case .bytesPerSecond(let count): bytes(count) + (count % 1024 == 0 ? "/s" : "B/s")
        case .count(let count): String(count)
        case .share(let share): percent(share)
        case .upstream(let role?): role.rawValue
        case .name(let name): name
        }
    }

    /// Uses the largest unit that gives a whole number: `1500ms`, `2s`.
    static func text(_ duration: Duration) -> String {
        let microseconds = duration.wholeMicroseconds
        for (unit, size) in [("h", Int64(3_600_000_000)), ("m", 60_000_000), ("s", 1_000_000), ("ms", 1000)]
        where microseconds % size == 0 && microseconds != 0 {
            return "\(microseconds / size)\(unit)"
        }
        return microseconds == 0 ? "0s" : "\(microseconds)us"
    }

    static func bytes(_ count: Int) -> String {
        for (unit, size) in [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)] where count > 0 && count % size == 0
        {
            return "\(count / size)\(unit)"
        }
        return String(count)
    }

    /// Keeps nine decimal places of the share, which is the precision of parsing.
    static func percent(_ share: Double) -> String {
        let billionths = Int64((share * 1e9).rounded())
        let (whole, rest) = billionths.quotientAndRemainder(dividingBy: 10_000_000)
        guard rest > 0 else { return "\(whole)%" }
        var digits = String(rest)
        digits = String(repeating: "0", count: 7 - digits.count) + digits
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(whole).\(digits)%"
    }

    /// Adds quotes if the text could not be parsed without them.
    static func quoted(_ text: String) -> String {
        let isPlain = !text.isEmpty && text.allSatisfy { !",;\"()\\".contains($0) && !$0.isWhitespace }
        if isPlain { return text }
        return "\"" + text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "\""
    }
}

extension Duration {
    /// Whole microseconds, rounded towards zero.
    var microseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}
