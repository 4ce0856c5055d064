import CommandLine
import Contracts

/// Reads what stands after the kind's `=`.
struct FaultArgumentParser {
    let kind: FaultKind
    let service: ServiceRole?
    /// The whole rule, for messages.
    let rule: String

    func argument(_ text: String?) throws(FaultRuleError) -> FaultArgument {
        let form = kind.argument
        guard let text else {
            guard let standard = form.standard else {
                throw error("'\(kind.rawValue)' needs \(form.expectation)")
            }
            return standard
        }
        guard form != .none else { throw error("'\(kind.rawValue)' takes no argument, not '\(text)'") }
        guard let argument = try read(text, as: form) else {
            throw error("\(kind.rawValue)=\(text): expected \(form.expectation)")
        }
        return argument
    }

    private func read(_ text: String, as form: FaultArgument.Form) throws(FaultRuleError) -> FaultArgument? {
        switch form {
        case .none: return FaultArgument.none
        case .delay: return Self.distribution(text).map { .delay($0) }
        case .duration:
            return RuleValue.duration(text).flatMap { $0 > .zero ? .duration($0) : nil }
        case .signedDuration:
            guard let sign = text.first, sign == "+" || sign == "-",
                let duration = RuleValue.duration(String(text.dropFirst())), duration > .zero
            else { return nil }
            return .duration(sign == "-" ? .zero - duration : duration)
        case .status: return try status(text)
        case .bytes: return RuleValue.bytes(text).flatMap { $0 > 0 ? .bytes($0) : nil }
        case .rate:
            guard text.hasSuffix("/s") else { return nil }
            return RuleValue.bytes(String(text.dropLast(2))).flatMap { $0 > 0 ? .bytesPerSecond($0) : nil }
        case .count(_, let range): return Int(text).flatMap { range.contains($0) ? .count($0) : nil }
        case .share: return RuleValue.share(text).map { .share($0) }
        case .upstream: return .upstream(try upstream(text))
        case .name: return RuleValue.isName(text) ? .name(text) : nil
        }
    }

    private func status(_ text: String) throws(FaultRuleError) -> FaultArgument? {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let code = Int(parts[0]), (400...599).contains(code) else { return nil }
        guard parts.count == 2 else { return .status(code, message: nil) }
        let message = try RuleScanner.unquoted(parts[1])
        return message.isEmpty ? nil : .status(code, message: message)
    }

    private func upstream(_ text: String) throws(FaultRuleError) -> ServiceRole {
        let callers: [ServiceRole] = service.map { [$0] } ?? [.gateway, .tasks]
        let known = ServiceRole.allCases.filter { role in callers.contains { $0.upstreams.contains(role) } }
        guard let role = ServiceRole(rawValue: text), known.contains(role) else {
            let names = known.map(\.rawValue)
            let hint =
                Suggestion.closest(to: text, among: names).map { "did you mean '\($0)'?" }
                ?? "expected \(names.joined(separator: " or "))"
            throw error("\(kind.rawValue)=\(text): \(service?.rawValue ?? "no service") does not call it: \(hint)")
        }
        return role
    }

    private static func distribution(_ text: String) -> Distribution? {
        if let fixed = RuleValue.duration(text) { return fixed <= Distribution.longest ? .fixed(fixed) : nil }
        guard let open = text.firstIndex(of: "("), text.hasSuffix(")") else { return nil }
        let parts = text[text.index(after: open)...].dropLast().split(separator: ",", omittingEmptySubsequences: false)
            .map { String($0).trimmed }
        guard parts.count == 2 else { return nil }
        switch String(text[..<open]).trimmed {
        case "uniform":
            guard let low = RuleValue.duration(parts[0]), let high = RuleValue.duration(parts[1]), low < high,
                high <= Distribution.longest
            else { return nil }
            return .uniform(low, high)
        case "normal":
            guard let mean = RuleValue.duration(parts[0]), let deviation = RuleValue.duration(parts[1]),
                mean <= Distribution.longest
            else { return nil }
            return .normal(mean: mean, deviation: deviation)
        case "lognormal":
            guard let p50 = named("p50", parts[0]), let p99 = named("p99", parts[1]), p50 > .zero, p50 <= p99,
                p50 <= Distribution.longest
            else { return nil }
            return .lognormal(p50: p50, p99: p99)
        case "pareto":
            guard let least = RuleValue.duration(parts[0]), least > .zero, least <= Distribution.longest,
                let alpha = Double(parts[1]), alpha > 0, alpha <= 100
            else { return nil }
            return .pareto(least: least, alpha: alpha)
        default: return nil
        }
    }

    private static func named(_ name: String, _ text: String) -> Duration? {
        guard text.hasPrefix(name + "=") else { return nil }
        return RuleValue.duration(String(text.dropFirst(name.count + 1)))
    }

    private func error(_ message: String) -> FaultRuleError { FaultRuleError("fault '\(rule)': \(message)") }
}
