import Encoding
import YAML

/// Reads the mapping of an incident file key by key, and rejects unknown keys.
struct FileObject {
    let file: String
    let place: TextPlace
    /// What the mapping describes, for messages: `the load`.
    let what: String
    private let members: [YAMLValue.Member]

    init(_ value: YAMLValue, _ what: String, in file: String, knows names: [String]) throws(IncidentError) {
        guard case .mapping(let members) = value.content else {
            throw Self.error("expected \(what) to be a mapping", value.place, file)
        }
        self.file = file
        self.what = what
        self.members = members
        place = value.place
        for member in members where !names.contains(member.name) {
            let suggestion = Suggestion.closest(to: member.name, among: names)
            throw error(
                "\(what) has no key '\(member.name)'"
                    + (suggestion.map { ": did you mean '\($0)'?" } ?? ": expected " + Self.words(names)),
                at: member.place)
        }
    }

    static func error(_ message: String, _ place: TextPlace, _ file: String) -> IncidentError {
        IncidentError("\(file):\(place): \(message)")
    }

    func error(_ message: String, at place: TextPlace? = nil) -> IncidentError {
        Self.error(message, place ?? self.place, file)
    }

    static func words(_ words: [String]) -> String {
        guard let last = words.last, words.count > 1 else { return words.first ?? "nothing" }
        return words.dropLast().joined(separator: ", ") + " or " + last
    }

    /// The value of a key, `nil` if the key is absent.
    subscript(name: String) -> YAMLValue? { members.first { $0.name == name }?.value }

    /// The first of `names` that is present.
    func only(of names: [String]) throws(IncidentError) -> (name: String, value: YAMLValue) {
        let found = members.filter { names.contains($0.name) }
        guard let first = found.first, found.count == 1 else {
            throw error("\(what) needs exactly one of \(Self.words(names))", at: found.last?.place)
        }
        return (first.name, first.value)
    }

    func required(_ name: String) throws(IncidentError) -> YAMLValue {
        guard let value = self[name] else { throw error("\(what) needs '\(name)'") }
        return value
    }

    // MARK: Value types

    func text(_ value: YAMLValue, _ name: String) throws(IncidentError) -> String {
        guard case .string(let text) = value.content, !text.allSatisfy(\.isWhitespace) else {
            throw error("expected '\(name)' to be a text that is not empty" + Self.butNot(value), at: value.place)
        }
        return text
    }

    /// What was found instead of a string, and how to make it one: YAML reads some plain words as other types.
    private static func butNot(_ value: YAMLValue) -> String {
        switch value.content {
        case .null, .string: ""
        case .bool: ", not a boolean: quotes make it a text"
        case .integer, .double: ", not a number: quotes make it a text"
        case .list: ", not a list: quotes make a text of what begins with '['"
        case .mapping: ", not a mapping: quotes make a text of what begins with '{'"
        }
    }

    func text(_ name: String) throws(IncidentError) -> String { try text(try required(name), name) }

    func optionalText(_ name: String) throws(IncidentError) -> String? {
        guard let value = self[name] else { return nil }
        return try text(value, name)
    }

    /// The elements of a list; empty if the key is absent.
    func elements(_ name: String) throws(IncidentError) -> [YAMLValue] {
        guard let value = self[name] else { return [] }
        guard case .list(let elements) = value.content else {
            throw error("expected '\(name)' to be a list", at: value.place)
        }
        return elements
    }

    func texts(_ name: String) throws(IncidentError) -> [String] {
        var texts: [String] = []
        for element in try elements(name) { texts.append(try text(element, name)) }
        return texts
    }

    func number(_ name: String) throws(IncidentError) -> Double {
        let value = try required(name)
        guard let number = value.json.double else {
            throw error("expected '\(name)' to be a number", at: value.place)
        }
        return number
    }

    func wholeNumber(_ name: String, in range: ClosedRange<Int64>) throws(IncidentError) -> Int64? {
        guard let value = self[name] else { return nil }
        guard let number = value.json.integer, range.contains(number) else {
            throw error(
                "expected '\(name)' to be a whole number from \(range.lowerBound) to \(range.upperBound)",
                at: value.place)
        }
        return number
    }

    func duration(_ name: String, least: Duration) throws(IncidentError) -> Duration? {
        guard let value = self[name] else { return nil }
        guard case .string(let text) = value.content, let duration = Duration(text: text), duration >= least else {
            let bound = least > .zero ? " above zero" : ""
            throw error("expected '\(name)' to be a duration\(bound), such as '20s'", at: value.place)
        }
        return duration
    }

    /// A short name: letters, digits and dashes.
    func identifier(_ name: String) throws(IncidentError) -> String {
        try identifier(try required(name), "'\(name)'")
    }

    /// Short names without duplicates.
    func identifiers(_ name: String) throws(IncidentError) -> [String] {
        var names: [String] = []
        for element in try elements(name) {
            let identifier = try identifier(element, "each of '\(name)'")
            if names.contains(identifier) {
                throw error("'\(identifier)' stands twice in '\(name)'", at: element.place)
            }
            names.append(identifier)
        }
        return names
    }

    private func identifier(_ value: YAMLValue, _ what: String) throws(IncidentError) -> String {
        guard case .string(let text) = value.content, !text.isEmpty, text.count <= 64,
            text.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") })
        else {
            throw error("expected \(what) to be up to 64 letters, digits and '-'" + Self.butNot(value), at: value.place)
        }
        return text
    }

    /// A raw value of an enumeration.
    func choice<Choice: RawRepresentable & CaseIterable>(
        _ value: YAMLValue, _ name: String, _ type: Choice.Type
    ) throws(IncidentError) -> Choice where Choice.RawValue == String {
        let word = try text(value, name)
        if let choice = Choice(rawValue: word) { return choice }
        let words = Choice.allCases.map(\.rawValue)
        let suggestion = Suggestion.closest(to: word, among: words)
        throw error(
            "no \(name) '\(word)': " + (suggestion.map { "did you mean '\($0)'?" } ?? "expected \(Self.words(words))"),
            at: value.place)
    }
}
