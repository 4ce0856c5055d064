/// A label: a name and its value.
package struct Label: Hashable, Sendable, Comparable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    package static func < (left: Label, right: Label) -> Bool {
        left.name != right.name ? left.name < right.name : left.value < right.value
    }
}

extension [Label] {
    subscript(name: String) -> String? { first { $0.name == name }?.value }

    /// Compares label by label, as Prometheus orders series.
    func precedes(_ other: [Label]) -> Bool { lexicographicallyPrecedes(other) }
}

/// The labels of one line while it passes through a pipeline, by where they come from.
struct LineLabels: Equatable {
    static let error = "__error__"
    static let errorDetails = "__error_details__"
    /// What follows a name that a stream's label has already.
    static let duplicateSuffix = "_extracted"

    /// Sorted by name.
    private(set) var stream: [Label]
    private(set) var metadata: [Label]
    private(set) var parsed: [Label] = []

    init(stream: [Label], metadata: [Label]) {
        self.stream = stream
        self.metadata = metadata
    }

    /// What a filter sees: a parsed label hides metadata of that name, and that a stream's label.
    func value(_ name: String) -> String? { parsed[name] ?? metadata[name] ?? stream[name] }

    func streamHas(_ name: String) -> Bool { stream[name] != nil }

    /// Adds a label found in the line. One that a stream label hides is renamed, as Loki does; of two with one name the
    /// first counts, unless the later one is `overriding`.
    mutating func extract(_ name: String, _ value: String, overriding: Bool = false) {
        let name = stream[name] == nil ? name : name + Self.duplicateSuffix
        if let place = parsed.firstIndex(where: { $0.name == name }) {
            if overriding { parsed[place].value = value }
            return
        }
        metadata.removeAll { $0.name == name }
        parsed.append(Label(name, value))
    }

    /// Says what went wrong with this line; the first error stays.
    mutating func setError(_ type: String, _ details: String) {
        guard parsed[Self.error] == nil else { return }
        parsed.append(Label(Self.error, type))
        parsed.append(Label(Self.errorDetails, details))
    }

    /// Gives a label a value, wherever the label came from.
    mutating func set(_ name: String, _ value: String) {
        removeAll { $0.name == name }
        parsed.append(Label(name, value))
    }

    /// Calls the label `old` by another name; it stays where it came from.
    mutating func rename(_ old: String, to name: String) {
        guard value(old) != nil, old != name else { return }
        let found = (parsed[old], metadata[old], stream[old])
        removeAll { $0.name == name || $0.name == old }
        if let value = found.0 {
            parsed.append(Label(name, value))
        } else if let value = found.1 {
            metadata.append(Label(name, value))
        } else if let value = found.2 {
            stream = (stream + [Label(name, value)]).sorted()
        }
    }

    mutating func removeAll(where condition: (Label) -> Bool) {
        stream.removeAll(where: condition)
        metadata.removeAll(where: condition)
        parsed.removeAll(where: condition)
    }

    /// All labels, sorted by name.
    var merged: [Label] { (stream + metadata.filter { stream[$0.name] == nil } + parsed).sorted() }
}
