import Encoding

/// Does to a line what Promtail and Alloy do: their stages, as far as the project's files use them.
struct PipelineRunner {
    struct Result: Equatable {
        var labels: [String: String]
        var metadata: [String: String]
        /// Nanoseconds since the Unix epoch; `nil` for the time of reading.
        var time: UInt64?
    }

    struct Unsupported: Error, CustomStringConvertible { var description: String }

    let stages: [PipelineStage]

    /// What becomes of a line; `nil` if it is dropped.
    func run(_ line: String, labels: [String: String]) throws -> Result? {
        var state = State(labels: labels, extracted: labels)
        return try run(stages, line, &state) ? state.result : nil
    }

    private struct State {
        var labels: [String: String]
        var extracted: [String: String]
        var metadata: [String: String] = [:]
        var time: UInt64?

        var result: Result { Result(labels: labels, metadata: metadata, time: time) }
    }

    /// RE2's syntax is also Swift's as far as it is used here; letters are code points.
    static func regex(_ expression: String) throws -> Regex<AnyRegexOutput> {
        try Regex(expression).matchingSemantics(.unicodeScalar)
    }

    /// The words that the template stage lets pass, if it is of the one form that is understood here.
    static func words(inTemplate template: String) throws -> [String] {
        let form =
            /\{\{ \$level := ToLower \(or \.Value "unknown"\) \}\}\{\{ if eq \$level((?: "[a-z]+")+) \}\}\{\{ \$level \}\}\{\{ else \}\}unknown\{\{ end \}\}/
        guard let match = template.wholeMatch(of: form) else { throw Unsupported(description: template) }
        return match.1.matches(of: /"([a-z]+)"/).map { String($0.1) }
    }

    private func run(_ stages: [PipelineStage], _ line: String, _ state: inout State) throws -> Bool {
        for stage in stages where try !apply(stage, line, &state) { return false }
        return true
    }

    /// Returns whether the line is kept.
    private func apply(_ stage: PipelineStage, _ line: String, _ state: inout State) throws -> Bool {
        switch stage {
        case .json(let expressions):
            // A line that is no object goes on.
            guard let object = try? JSONValue(parsing: line).object else { return true }
            for (name, field) in expressions { state.extracted[name] = object[field].flatMap(Self.text) }
        case .regex(let source, let expression):
            let regex = try Self.regex(expression)
            guard let input = source == nil ? line : state.extracted[source ?? ""],
                let match = input.firstMatch(of: regex)
            else { return true }
            for group in match.output {
                if let name = group.name { state.extracted[name] = group.substring.map(String.init) ?? "" }
            }
        case .match(let selector, let stages):
            guard let parts = selector.wholeMatch(of: /\{([a-z_]+)(=~?)"([^"]*)"\}(?: \|~ "([^"]*)")?/) else {
                throw Unsupported(description: selector)
            }
            let label = state.labels[String(parts.1)] ?? ""
            let isMatch =
                try parts.2 == "="
                ? label == parts.3 : label.wholeMatch(of: Self.regex(String(parts.3))) != nil
            let isFound = try parts.4.map { try line.firstMatch(of: Self.regex(String($0))) != nil } ?? true
            if isMatch, isFound { return try run(stages, line, &state) }
        case .template(let source, let template):
            let value = (state.extracted[source] ?? "").isEmpty ? "unknown" : state.extracted[source] ?? ""
            let word = value.lowercased()
            state.extracted[source] = try Self.words(inTemplate: template).contains(word) ? word : "unknown"
        case .drop(let sources, let separator, let expression, _):
            let text = sources.compactMap { state.extracted[$0] }.joined(separator: separator)
            return try text.firstMatch(of: Self.regex(expression)) == nil
        case .labels(let names):
            for (label, source) in names { state.labels[label] = state.extracted[source] ?? state.labels[label] }
        case .structuredMetadata(let names):
            for (name, source) in names { state.metadata[name] = state.extracted[source] }
        case .labelDrop(let names): for name in names { state.labels[name] = nil }
        case .labelKeep(let names): state.labels = state.labels.filter { names.contains($0.key) }
        case .timestamp(let source, let format, _):
            guard format == "RFC3339Nano" else { throw Unsupported(description: format) }
            state.time = state.extracted[source].flatMap { RFC3339.parse($0.utf8) }
        case .sampling, .tenant: throw Unsupported(description: "\(stage)")
        }
        return true
    }

    /// What the JSON stage takes out: `null` is nothing, a structure is its JSON.
    private static func text(_ value: JSONValue) -> String? {
        switch value {
        case .null: nil
        case .string(let text): text
        default: value.description
        }
    }
}
