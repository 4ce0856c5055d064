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

    /// How many characters the template stage lets pass, if it is of the other form.
    static func length(inTemplate template: String) throws -> Int {
        let form = /\{\{ with \.Value \}\}\{\{ printf "%\.([0-9]+)s" \. \}\}\{\{ end \}\}/
        guard let match = template.wholeMatch(of: form), let length = Int(match.1) else {
            throw Unsupported(description: template)
        }
        return length
    }

    /// What a JMESPath expression finds: names, names within names, quoted names, and `||`.
    static func value(_ expression: String, in object: JSONObject) throws -> JSONValue? {
        for alternative in expression.split(separator: " || ") {
            var value: JSONValue? = .object(object)
            if let quoted = alternative.wholeMatch(of: /"([^"]+)"/) {
                value = value?[String(quoted.1)]
            } else if alternative.wholeMatch(of: /[a-z_]+(?:\.[a-z_]+)*/) != nil {
                for name in alternative.split(separator: ".") { value = value?[String(name)] }
            } else {
                throw Unsupported(description: expression)
            }
            if let value, value != .null, value != .string(""), value != .bool(false) { return value }
            if !expression.contains("||") { return value }
        }
        return nil
    }

    /// The pairs of text that is nothing but pairs.
    static func pairs(_ text: String) throws -> [(key: String, value: String)] {
        try text.matches(of: /([^ ="]+)=(?:("(?:[^"\\]|\\.)*")|([^ ="]+))(?: |$)/).map { match in
            let value = try match.2.map { try JSONValue(parsing: String($0)).string ?? "" } ?? match.3.map(String.init)
            return (String(match.1), value ?? "")
        }
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
            for (name, expression) in expressions {
                state.extracted[name] = try Self.value(expression, in: object).flatMap(Self.text)
            }
        case .logfmt(let source, let mapping):
            guard let input = source == nil ? line : state.extracted[source ?? ""] else { return true }
            for (key, value) in try Self.pairs(input) {
                for name in mapping.filter({ $0.value == key }).keys { state.extracted[name] = value }
            }
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
        case .template(let source, let template) where template.hasPrefix("{{ with .Value }}"):
            let length = try Self.length(inTemplate: template)
            let text = (state.extracted[source] ?? "").unicodeScalars.prefix(length)
            state.extracted[source] = text.isEmpty ? nil : String(String.UnicodeScalarView(text))
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
