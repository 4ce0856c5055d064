import Encoding

/// Parses a delay: a duration or a distribution of durations.
struct DistributionParser {
    /// Why a text is not a distribution; worded to follow the text and a colon.
    struct Misfit: Error { var reason: String }

    private static let names = ["uniform", "normal", "lognormal", "pareto"]

    static func distribution(_ text: String) throws(Misfit) -> Distribution {
        guard let open = text.firstIndex(of: "(") else {
            let delay = try duration(text, called: nil)
            guard delay > .zero else { throw Misfit(reason: "expected a delay above zero") }
            return .fixed(delay)
        }
        let name = String(text[..<open]).trimmed
        guard names.contains(name) else {
            let hint = Suggestion.closest(to: name, among: names).map { "did you mean '\($0)'?" }
            throw Misfit(
                reason: "no distribution '\(name)': " + (hint ?? "expected uniform, normal, lognormal or pareto"))
        }
        guard text.hasSuffix(")") else { throw Misfit(reason: "expected nothing after the ')'") }
        let parts = text[text.index(after: open)...].dropLast().split(separator: ",", omittingEmptySubsequences: false)
            .map { String($0).trimmed }
        guard parts.count == 2 else { throw Misfit(reason: "expected two values, such as \(example(name))") }
        return try distribution(name, parts[0], parts[1])
    }

    private static func distribution(
        _ name: String, _ first: String, _ second: String
    ) throws(Misfit) -> Distribution {
        switch name {
        case "uniform":
            let (low, high) = (try duration(first, called: "the least"), try duration(second, called: "the most"))
            guard low < high else { throw Misfit(reason: "expected the least before the most: \(example(name))") }
            return .uniform(low, high)
        case "normal":
            let mean = try duration(first, called: "the mean")
            let deviation = try duration(second, called: "the deviation")
            guard mean > .zero || deviation > .zero else { throw Misfit(reason: "expected a delay above zero") }
            return .normal(mean: mean, deviation: deviation)
        case "lognormal":
            let p50 = try duration(try value(of: "p50", first), called: "p50")
            let p99 = try duration(try value(of: "p99", second), called: "p99")
            guard p50 > .zero else { throw Misfit(reason: "expected a p50 above zero") }
            guard p50 <= p99 else { throw Misfit(reason: "expected a p99 of at least the p50: \(example(name))") }
            return .lognormal(p50: p50, p99: p99)
        default:
            let least = try duration(first, called: "the least")
            guard least > .zero else { throw Misfit(reason: "expected a least delay above zero") }
            guard let alpha = RuleValue.decimal(second[...]), (0.1...100).contains(alpha) else {
                throw Misfit(reason: "expected an alpha from 0.1 to 100, not '\(second)': \(example(name))")
            }
            return .pareto(least: least, alpha: alpha)
        }
    }

    private static func duration(_ text: String, called name: String?) throws(Misfit) -> Duration {
        guard let duration = RuleValue.duration(text) else {
            if let hint = RuleValue.withUnit(text) {
                throw Misfit(
                    reason: (name.map { "\($0) '\(text)' has" } ?? "it has") + " no unit: did you mean \(hint)?")
            }
            guard let name else { throw Misfit(reason: "expected \(FaultArgument.Form.delay.expectation)") }
            throw Misfit(reason: "expected a duration for \(name), such as 200ms, not '\(text)'")
        }
        guard duration <= Distribution.longest else {
            throw Misfit(reason: "expected at most \(RuleText.text(Distribution.longest))")
        }
        return duration
    }

    private static func value(of name: String, _ text: String) throws(Misfit) -> String {
        guard text.hasPrefix(name + "=") else {
            throw Misfit(reason: "expected \(name)=…, as in \(example("lognormal")), not '\(text)'")
        }
        return String(text.dropFirst(name.count + 1)).trimmed
    }

    private static func example(_ name: String) -> String {
        switch name {
        case "uniform": "uniform(50ms,200ms)"
        case "normal": "normal(200ms,50ms)"
        case "lognormal": "lognormal(p50=100ms,p99=2s)"
        default: "pareto(50ms,1.5)"
        }
    }
}
