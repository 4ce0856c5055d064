import Encoding
import Vocabulary

/// Parses the argument after the `=` of a kind.
struct FaultArgumentParser {
    let kind: FaultKind
    let service: ServiceRole?
    let operation: String?
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
            throw error("\(kind.rawValue)=\(text): expected \(form.expectation)\(hint(text, form))")
        }
        return argument
    }

    private func read(_ text: String, as form: FaultArgument.Form) throws(FaultRuleError) -> FaultArgument? {
        switch form {
        case .none: return FaultArgument.none
        case .delay:
            do { return .delay(try DistributionParser.distribution(text)) } catch {
                throw self.error("\(kind.rawValue)=\(text): \(error.reason)")
            }
        case .duration:
            guard let duration = RuleValue.duration(text), duration > .zero else { return nil }
            if let longest = kind.longest, duration > longest {
                throw error(
                    "\(kind.rawValue)=\(text): it holds up the service: expected at most \(RuleText.text(longest))")
            }
            return .duration(duration)
        case .signedDuration:
            guard let sign = text.first, sign == "+" || sign == "-",
                let duration = RuleValue.duration(String(text.dropFirst())), duration > .zero
            else { return nil }
            guard duration >= .milliseconds(1) else {
                throw error("\(kind.rawValue)=\(text): expected at least 1ms: lines tell no less")
            }
            return .duration(sign == "-" ? .zero - duration : duration)
        case .status: return try status(text)
        case .bytes:
            guard let bytes = RuleValue.bytes(text), bytes > 0 else { return nil }
            if let least = kind.least, bytes < least.bytes {
                throw error(
                    "\(kind.rawValue)=\(text): expected at least \(RuleText.bytes(least.bytes)): \(least.reason)")
            }
            return .bytes(bytes)
        case .rate:
            guard text.hasSuffix("/s") else { return nil }
            return RuleValue.bytes(String(text.dropLast(2))).flatMap { $0 > 0 ? .bytesPerSecond($0) : nil }
        case .count(_, let range): return RuleValue.count(text).flatMap { range.contains($0) ? .count($0) : nil }
        case .share: return RuleValue.share(text).flatMap { $0 < 1 ? .share($0) : nil }
        case .upstream: return .upstream(try upstream(text))
        case .name:
            if let service, text == service.rawValue {
                throw error("\(kind.rawValue)=\(text): expected another name than the service's own")
            }
            return RuleValue.isName(text) ? .name(text) : nil
        }
    }

    /// Suggests what was probably meant, if that is clear.
    private func hint(_ text: String, _ form: FaultArgument.Form) -> String {
        let meant: String? =
            switch form {
            case .duration: RuleValue.count(text).flatMap { $0 > 0 ? text + ($0 < 50 ? "s" : "ms") : nil }
            case .signedDuration: RuleValue.duration(text).flatMap { $0 > .zero ? "+" + text : nil }
            case .rate: RuleValue.bytes(text).flatMap { $0 > 0 ? text + (text.hasSuffix("B") ? "/s" : "B/s") : nil }
            default: nil
            }
        return meant.map { "; did you mean \($0)?" } ?? ""
    }

    private func status(_ text: String) throws(FaultRuleError) -> FaultArgument? {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let code = RuleValue.count(parts[0].trimmed), (400...599).contains(code) else { return nil }
        guard parts.count == 2 else { return .status(code, message: nil) }
        guard let message = RuleScanner.unquoted(parts[1].trimmed) else {
            throw error("\(kind.rawValue)=\(text): expected nothing after the closing quote")
        }
        return message.isEmpty ? nil : .status(code, message: message)
    }

    private func upstream(_ text: String) throws(FaultRuleError) -> ServiceRole {
        let known = ServiceOperation.upstreams(of: service, operation)
        guard let role = ServiceRole(rawValue: text), known.contains(role) else {
            let names = known.map(\.rawValue)
            let hint =
                Suggestion.closest(to: text, among: names).map { "did you mean '\($0)'?" }
                ?? "expected \(FaultRuleParser.words(names))"
            let caller = service.map { "\($0.rawValue)\(operation.map { ".\($0)" } ?? "") does not call it" }
            throw error("\(kind.rawValue)=\(text): \(caller ?? "no service calls it"): \(hint)")
        }
        return role
    }

    private func error(_ message: String) -> FaultRuleError { FaultRuleError(message, of: rule) }
}
