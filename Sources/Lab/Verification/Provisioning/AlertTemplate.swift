/// A text of an alert in the subset of Go's template language that alerts use.
struct AlertTemplate {
    let text: String

    init(_ text: String) { self.text = text }

    /// The parts that would stay unexpanded, or become empty, when the alert fires.
    /// - Parameters:
    ///   - queries: the names that `$values` contains.
    ///   - isLabel: whether a label of a result may have that name.
    func complaints(queries: [String], isLabel: (String) -> Bool) -> [String] {
        var complaints: [String] = []
        var declared: Set<String> = []
        for action in actions {
            guard let inner = action else {
                complaints.append("has {{ without }}")
                continue
            }
            if inner.contains("$$") {
                complaints.append("keeps $$ in {{\(inner)}}: a single $ must stand there")
                continue
            }
            // `range $name, $value := …` declares both.
            if let head = inner.firstRange(of: ":=").map({ inner[..<$0.lowerBound] }) {
                declared.formUnion(Self.references(in: String(head)).filter { $0.hasPrefix("$") })
            }
            for reference in Self.references(in: inner) {
                guard !declared.contains(reference),
                    let complaint = complaint(reference, queries: queries, isLabel: isLabel)
                else { continue }
                complaints.append("\(complaint) in {{\(inner)}}")
            }
        }
        return complaints
    }

    private func complaint(_ reference: String, queries: [String], isLabel: (String) -> Bool) -> String? {
        let parts = reference.split(separator: ".", omittingEmptySubsequences: false).map { String($0) }
        switch parts[0] {
        case "$labels": return name(in: parts, from: 1, "label", isLabel)
        case "$values": return name(in: parts, from: 1, "query", queries.contains)
        case "$value", "$": return nil
        case "":
            // `.Labels.x`; provisioning turns `$labels.x` into `.x`.
            guard parts.count > 1, !parts[1].isEmpty else { return nil }
            switch parts[1] {
            case "Labels": return name(in: parts, from: 2, "label", isLabel)
            case "Values": return name(in: parts, from: 2, "query", queries.contains)
            case "Value": return nil
            default:
                return "asks for \(reference), which no alert has (of $labels\(reference) this is left by a single $)"
            }
        default: return "asks for \(reference), which is not known there"
        }
    }

    private func name(in parts: [String], from index: Int, _ what: String, _ isKnown: (String) -> Bool) -> String? {
        guard parts.count > index, !parts[index].isEmpty, !isKnown(parts[index]) else { return nil }
        return "asks for the \(what) '\(parts[index])', which the rule's queries do not have"
    }

    /// The texts between `{{` and `}}`; `nil` where the end is missing.
    private var actions: [String?] {
        var result: [String?] = []
        var rest = text[...]
        while let start = rest.firstRange(of: "{{") {
            rest = rest[start.upperBound...]
            guard let end = rest.firstRange(of: "}}") else { return result + [nil] }
            result.append(String(rest[..<end.lowerBound]))
            rest = rest[end.upperBound...]
        }
        return result
    }

    /// Variables and fields outside of quotes: `$labels.service`, `.Values.A`.
    private static func references(in action: String) -> [String] {
        var result: [String] = []
        var current = ""
        var quote: Character?
        var previous: Character = " "
        func isPart(_ character: Character) -> Bool {
            character.isLetter || character.isNumber || "_.$".contains(character)
        }
        for character in action + " " {
            if let open = quote {
                if character == open, previous != "\\" { quote = nil }
            } else if character == "\"" || character == "`" || character == "'" {
                quote = character
            } else if isPart(character), !current.isEmpty || "$.".contains(character) && !isPart(previous) {
                current.append(character)
            }
            if !isPart(character) || quote != nil, !current.isEmpty {
                // A number such as .5 is not a field.
                if current.count > 1, !current.dropFirst().allSatisfy(\.isNumber) { result.append(current) }
                current = ""
            }
            previous = character
        }
        return result
    }
}
