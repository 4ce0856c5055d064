import Encoding
import Vocabulary

extension FaultRule {
    /// Parses one rule.
    ///
    /// - Throws: ``FaultRuleError`` with one line that says what was expected and names the nearest valid word.
    package init(parsing text: String, kinds: FaultKindTable) throws(FaultRuleError) {
        self = try FaultRuleParser(text, kinds: kinds).rule()
    }

    /// Parses rules separated by `;` or line ends. Empty entries are allowed.
    ///
    /// - Throws: ``FaultRuleError``, also for duplicate ids.
    package static func list(parsing text: String, kinds: FaultKindTable) throws(FaultRuleError) -> [FaultRule] {
        let parts = try RuleScanner.split(text, at: [";", "\n"]).map(\.trimmed).filter { !$0.isEmpty }
        // Check the count first: the point is to bound the parsing work.
        try FaultPlan.check(count: parts.count)
        var rules: [FaultRule] = []
        for part in parts { rules.append(try FaultRule(parsing: part, kinds: kinds)) }
        try FaultPlan.check(rules)
        return rules
    }
}

/// Parses the grammar of ``FaultRule``.
struct FaultRuleParser {
    private let text: String
    private let kinds: FaultKindTable

    init(_ text: String, kinds: FaultKindTable) {
        self.text = text.trimmed
        self.kinds = kinds
    }

    /// Includes characters that move the cursor or change the text direction.
    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }

    /// The maximum length of a rule in bytes. Comparing words for suggestions takes more than linear time.
    static let longest = 1024

    func rule() throws(FaultRuleError) -> FaultRule {
        guard text.utf8.count <= Self.longest else {
            let beginning = text.prefix(40).unicodeScalars.map { Self.isInvisible($0) ? "\u{FFFD}" : Character($0) }
            throw FaultRuleError(
                "fault '\(String(beginning))…' of \(text.utf8.count) bytes: expected at most \(Self.longest)")
        }
        // Rules are shown on terminals and written to single lines.
        guard !text.unicodeScalars.contains(where: Self.isInvisible) else {
            let shown = String(
                text.unicodeScalars.map { Self.isInvisible($0) ? "\u{FFFD}" : Character($0) })
            throw FaultRuleError("fault '\(shown)': expected no control characters")
        }
        guard try RuleScanner.split(text, at: [";"]).count == 1 else {
            throw error("expected one rule, without a ';' outside of quotes")
        }
        guard let colon = text.firstIndex(of: ":") else {
            throw error("expected SERVICE[.OPERATION]:KIND, such as payments:latency=200ms")
        }
        let (service, operation) = try target(String(text[..<colon]).trimmed)
        let parts = try RuleScanner.split(String(text[text.index(after: colon)...]), at: [","])
        var column = text.distance(from: text.startIndex, to: colon) + 2
        let (kindWord, argumentText) = Self.pair(parts[0])
        let kind = try at(column, parts[0]) { () throws(FaultRuleError) in
            let kind = try self.kind(kindWord)
            try check(kind, service, operation)
            return kind
        }
        let argument = try at(Self.valueColumn(column, parts[0]), "") { () throws(FaultRuleError) in
            try FaultArgumentParser(kind: kind, service: service, operation: operation, rule: text)
                .argument(argumentText)
        }
        var rule = FaultRule(service: service, operation: operation, kind: kind, argument: argument)
        var seen: Set<String> = []
        for (previous, part) in zip(parts, parts.dropFirst()) {
            column += previous.count + 1
            let (name, value) = Self.pair(part)
            let place = FaultOption(rawValue: name) == nil ? column : Self.valueColumn(column, part)
            try at(place, place == column ? part : "") { () throws(FaultRuleError) in
                guard name == "match" || seen.insert(name).inserted else { throw error("'\(name)' is given twice") }
                try set(name, value, in: &rule)
            }
        }
        if let length = rule.length, rule.from + length > .seconds(86_400) {
            throw error("from and for are more than 24h together: expected the rule to end within a day")
        }
        return rule
    }

    // MARK: Places

    /// Runs a step that reads one part of the rule, and notes where that is in what the step throws.
    /// - Parameters:
    ///   - column: where the part begins, from 1.
    ///   - part: the part; spaces at its beginning do not belong to the mistake.
    private func at<T>(
        _ column: Int, _ part: String, _ body: () throws(FaultRuleError) -> T
    ) throws(FaultRuleError) -> T {
        do { return try body() } catch {
            var error = error
            error.column = error.column ?? column + part.prefix(while: \.isWhitespace).count
            throw error
        }
    }

    /// Where the value of `name=value` begins; where the pair begins if it has none.
    private static func valueColumn(_ column: Int, _ part: String) -> Int {
        let start = part.firstIndex(of: "=").map { part[part.index(after: $0)...] } ?? part[...]
        return column + part.count - start.drop(while: \.isWhitespace).count
    }

    // MARK: The target

    private func target(_ text: String) throws(FaultRuleError) -> (ServiceRole?, String?) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map {
            String($0).trimmed
        }
        let service = try at(1, "") { () throws(FaultRuleError) in try self.service(parts[0]) }
        guard parts.count == 2, parts[1] != "*" else { return (service, nil) }
        let operation = parts[1]
        try at(text.count - operation.count + 1, "") { () throws(FaultRuleError) in
            try checkOperation(operation, of: service)
        }
        return (service, operation)
    }

    private func checkOperation(_ operation: String, of service: ServiceRole?) throws(FaultRuleError) {
        let operations = ServiceOperation.names(of: service)
        guard !operation.isEmpty else {
            throw error("no operation after the '.': expected \(Self.words(operations))")
        }
        guard operations.contains(operation) else {
            let others = ServiceRole.allCases.filter { ServiceOperation.names(of: $0).contains(operation) }
            if let service, !others.isEmpty {
                let names = others.map { "\($0.rawValue).\(operation)" }
                throw error("\(service.rawValue) has no operation '\(operation)': did you mean \(Self.words(names))?")
            }
            throw unknown("\(service?.rawValue ?? "no service") has no operation '\(operation)'", operation, operations)
        }
    }

    private func service(_ name: String) throws(FaultRuleError) -> ServiceRole? {
        if name == "*" { return nil }
        if let role = ServiceRole(rawValue: name) { return role }
        if kinds[name] != nil {
            throw error("'\(name)' is a kind of fault: expected a service before it, such as payments:\(name)")
        }
        if name == "all" { throw error("no service 'all': did you mean '*'?") }
        let names = ServiceRole.allCases.map(\.rawValue) + ["*"]
        throw unknown(name.isEmpty ? "no service before the ':'" : "no service '\(name)'", name, names)
    }

    private func kind(_ word: String) throws(FaultRuleError) -> FaultKind {
        if let kind = kinds[word] { return kind }
        let hint = kinds.nearest(to: word).map { "did you mean '\($0)'?" } ?? "'tailspan fault kinds' lists them"
        throw error((word.isEmpty ? "no kind of fault after the ':': " : "no kind of fault '\(word)': ") + hint)
    }

    private func check(
        _ kind: FaultKind, _ service: ServiceRole?, _ operation: String?
    ) throws(FaultRuleError) {
        if let service, !kind.services.contains(service) {
            let able = ServiceRole.allCases.filter(kind.services.contains).map(\.rawValue)
            throw error("'\(kind.rawValue)' cannot happen to \(service.rawValue): expected \(Self.words(able))")
        }
        guard let operation else { return }
        if kind.scope == .service {
            throw error("'\(kind.rawValue)' happens to the whole service: expected no operation")
        }
        if let only = kind.onlyOperation, operation != only {
            throw error("'\(kind.rawValue)' cannot happen to '\(operation)': expected \(only)")
        }
        if operation == "process-task", kind.needsRequest {
            throw error("'\(kind.rawValue)' needs a request to answer: 'process-task' works on a queue")
        }
        let able = ServiceOperation.matching(service, operation).filter { kind.services.contains($0.service) }
        guard !able.isEmpty else {
            let services = ServiceRole.allCases.filter(kind.services.contains).map(\.rawValue)
            throw error(
                "'\(kind.rawValue)' cannot happen to '\(operation)': expected an operation of \(Self.words(services))")
        }
        if kind.needsUpstream, able.allSatisfy(\.upstreams.isEmpty) {
            throw error("'\(kind.rawValue)' happens to calls of other services: '\(operation)' makes none")
        }
    }

    // MARK: The options

    private static let options = FaultOption.allCases.map(\.rawValue)

    private func set(_ name: String, _ value: String?, in rule: inout FaultRule) throws(FaultRuleError) {
        guard let option = FaultOption(rawValue: name) else {
            throw unknown(name.isEmpty ? "an empty option" : "no option '\(name)'", name, Self.options)
        }
        guard let value, !value.isEmpty else { throw error("'\(name)' needs a value, such as \(option.example)") }
        if rule.kind.scope == .service, option == .rate || option == .match {
            throw error("'\(rule.kind.rawValue)' happens to the whole service: expected no '\(name)'")
        }
        switch option {
        case .rate:
            guard let rate = RuleValue.share(value), rate > 0 else {
                let percent = RuleValue.share(value + "%").flatMap { $0 > 0 ? "; did you mean \(value)%?" : nil }
                throw error(
                    "rate=\(value): expected more than 0% and at most 100%, such as 30% or 0.3\(percent ?? "")")
            }
            rule.rate = rate
        case .match:
            let match = try FaultMatchParser(rule: text).match(value)
            if let other = rule.matches.first(where: { $0.excludes(match) }) {
                throw error("match=\(value): no request can match '\(other)' too")
            }
            rule.matches.append(match)
        case .from:
            guard let from = RuleValue.duration(value) else {
                throw error("from=\(value): expected a duration up to 24h, such as 10s or 500ms\(Self.unit(value))")
            }
            rule.from = from
        case .for:
            guard let length = RuleValue.duration(value), length > .zero else {
                throw error(
                    "for=\(value): expected a duration above zero and up to 24h, such as 30s\(Self.unit(value))")
            }
            rule.length = length
        case .id:
            guard RuleValue.isName(value) else {
                throw error("id=\(value): expected up to 64 letters, digits, '-', '_' and '.', not dots alone")
            }
            rule.id = value
        case .seed:
            guard RuleValue.decimal(value[...]) != nil, let seed = UInt64(value) else {
                throw error("seed=\(value): expected a whole number from 0 to \(UInt64.max)")
            }
            rule.seed = seed
        }
    }

    /// Suggests what a number without a unit may have meant.
    private static func unit(_ value: String) -> String {
        RuleValue.duration(value + "s").flatMap { $0 > .zero ? "; did you mean \(value)s?" : nil } ?? ""
    }

    // MARK: Words

    /// Splits `name=value`; the value is `nil` if there is no `=`.
    private static func pair(_ part: String) -> (String, String?) {
        guard let equals = part.firstIndex(of: "=") else { return (part.trimmed, nil) }
        return (String(part[..<equals]).trimmed, String(part[part.index(after: equals)...]).trimmed)
    }

    /// `a, b or c`.
    static func words(_ words: [String]) -> String {
        guard let last = words.last, words.count > 1 else { return words.first ?? "" }
        return words.dropLast().joined(separator: ", ") + " or " + last
    }

    private func unknown(_ problem: String, _ word: String, _ known: [String]) -> FaultRuleError {
        if let nearest = Suggestion.closest(to: word, among: known) {
            return error("\(problem): did you mean '\(nearest)'?")
        }
        return error("\(problem): expected \(Self.words(known))")
    }

    private func error(_ message: String) -> FaultRuleError { FaultRuleError(message, of: text) }
}
