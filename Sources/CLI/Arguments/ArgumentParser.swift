import Encoding

/// Assigns the words of a command line to the arguments that a command declares.
struct ArgumentParser {
    private let definitions: [ArgumentDefinition]
    private var positionals: [ArgumentDefinition]
    private var given: Set<String> = []

    /// Leaves the parser when help is requested.
    enum Stop: Error {
        case helpWanted
        case misuse(UsageError)
    }

    init(_ definitions: [ArgumentDefinition]) {
        self.definitions = definitions
        positionals = definitions.filter { $0.kind == .positional }
    }

    mutating func parse(_ words: [String]) throws(Stop) {
        var rest = words[...]
        var onlyPositionals = false
        while let word = rest.popFirst() {
            if onlyPositionals || word == "-" || !word.hasPrefix("-") {
                try takePositional(word)
            } else if word == "--" {
                onlyPositionals = true
            } else if word.hasPrefix("--") {
                try takeLong(word, &rest)
            } else {
                try takeShort(word, &rest)
            }
        }
        if let missing = definitions.first(where: { $0.isRequired && !given.contains($0.name) }) {
            let what = missing.kind == .option ? "\(missing.displayName) \(missing.valueName)" : missing.displayName
            throw .misuse(UsageError("expected \(what): \(missing.help.firstSentence)"))
        }
    }

    private mutating func takePositional(_ word: String) throws(Stop) {
        guard let definition = positionals.first else {
            throw .misuse(UsageError("unexpected argument '\(word)'\(definitions.isEmpty ? ", expected none" : "")"))
        }
        if !definition.isRepeating { positionals.removeFirst() }
        try give(word, to: definition)
    }

    private mutating func takeLong(_ word: String, _ rest: inout ArraySlice<String>) throws(Stop) {
        let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        if name == "help" { throw .helpWanted }
        guard let definition = definitions.first(where: { $0.kind != .positional && $0.name == name }) else {
            let names = definitions.filter { $0.kind != .positional }.map(\.displayName) + ["--help"]
            let suggestion = Suggestion.closest(to: "--" + name, among: names)
            throw .misuse(UsageError("unknown option '--\(name)'", suggestion: suggestion))
        }
        try take(definition, inlineValue: parts.count > 1 ? String(parts[1]) : nil, &rest)
    }

    /// `-r 5`, `-r5`, `-r=5`, and several flags at once: `-qj`.
    private mutating func takeShort(_ word: String, _ rest: inout ArraySlice<String>) throws(Stop) {
        var letters = word.dropFirst()
        while let letter = letters.popFirst() {
            guard let definition = definitions.first(where: { $0.short == letter }) else {
                if letter == "h" { throw .helpWanted }
                let isNumber = Double(word) != nil
                if isNumber, !positionals.isEmpty { return try takePositional(word) }
                throw .misuse(UsageError("unknown option '-\(letter)'"))
            }
            if definition.kind == .flag {
                try take(definition, inlineValue: nil, &rest)
            } else {
                let value = letters.first == "=" ? letters.dropFirst() : letters
                return try take(definition, inlineValue: letters.isEmpty ? nil : String(value), &rest)
            }
        }
    }

    private mutating func take(
        _ definition: ArgumentDefinition, inlineValue: String?, _ rest: inout ArraySlice<String>
    ) throws(Stop) {
        if definition.kind == .flag {
            guard inlineValue == nil else {
                throw .misuse(UsageError("\(definition.displayName) is a switch and takes no value"))
            }
            return try give("", to: definition)
        }
        if let inlineValue { return try give(inlineValue, to: definition) }
        guard let next = rest.first, !isOption(next) else {
            throw .misuse(
                UsageError(
                    "\(definition.displayName): expected a value, as in \(definition.displayName) \(definition.valueName)"
                ))
        }
        rest.removeFirst()
        try give(next, to: definition)
    }

    /// Whether the word is an option of this command; other words with a leading dash may be values.
    private func isOption(_ word: String) -> Bool {
        guard word.hasPrefix("-"), word != "-" else { return false }
        if word == "--" || word == "--help" { return true }
        let name = word.split(separator: "=", maxSplits: 1)[0]
        return definitions.contains {
            $0.kind != .positional && (name == $0.displayName || $0.short.map { word == "-\($0)" } == true)
        }
    }

    private mutating func give(_ text: String, to definition: ArgumentDefinition) throws(Stop) {
        given.insert(definition.name)
        do {
            try definition.accept(text)
        } catch {
            throw .misuse(
                UsageError(
                    "\(definition.displayName): expected \(error.expected), not '\(text)'", suggestion: error.suggestion
                ))
        }
    }
}

extension String {
    /// The first sentence, without its full stop and with a lower-case first letter, for use in mid-sentence.
    fileprivate var firstSentence: String {
        var end = endIndex
        var index = startIndex
        while index < endIndex {
            let next = self.index(after: index)
            if self[index] == ".", next == endIndex || self[next].isWhitespace {
                end = index
                break
            }
            index = next
        }
        let sentence = self[..<end]
        let second = sentence.dropFirst().first
        // An abbreviation such as "URL" keeps its capitals.
        guard let first = sentence.first, second?.isUppercase != true else { return String(sentence) }
        return first.lowercased() + sentence.dropFirst()
    }
}
