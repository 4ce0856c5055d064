import QuerySupport

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
    package subscript(name: String) -> String? { first { $0.name == name }?.value }

    /// Compares label by label, as Prometheus sorts series.
    package func precedes(_ other: [Label]) -> Bool { lexicographicallyPrecedes(other) }
}

/// The labels of one line in a pipeline, kept apart by origin.
package struct LineLabels: Equatable {
    package static let error = "__error__"
    static let errorDetails = "__error_details__"
    /// The suffix for a name that a stream label already has.
    package static let duplicateSuffix = "_extracted"

    /// When the line was written, in nanoseconds since 1970.
    var time: Int64 = 0
    /// Sorted by name.
    package private(set) var stream: [Label]
    private var metadataList: LabelList
    private var parsedList = LabelList()
    /// Charged for every label added; `nil` for no limit. Once it is spent, nothing is added: the query must end.
    private let budget: QueryBudget?
    /// The size of a label without its value.
    private static let labelSize = 96

    init(stream: [Label], metadata: [Label], budget: QueryBudget? = nil) {
        self.stream = stream
        metadataList = LabelList(metadata)
        self.budget = budget
    }

    package static func == (left: LineLabels, right: LineLabels) -> Bool {
        left.stream == right.stream && left.metadataList == right.metadataList && left.parsedList == right.parsedList
    }

    package var metadata: [Label] { metadataList.labels }
    package var parsed: [Label] { parsedList.labels }

    /// Charges work on the line; `false` once the query must end.
    func spend(_ steps: Int) -> Bool { budget?.spend(steps) ?? true }

    private func keep(_ value: String) -> Bool {
        guard let budget else { return true }
        return budget.spend(1) && budget.keep(Self.labelSize + value.utf8.count)
    }

    /// The value that a filter sees: parsed labels hide metadata with the same name, and metadata hides stream labels.
    package func value(_ name: String) -> String? { parsedList[name] ?? metadataList[name] ?? stream[name] }

    func streamHas(_ name: String) -> Bool { stream[name] != nil }

    /// Adds a label found in the line. A label with the name of a stream label is renamed, as in Loki; of two labels
    /// with one name the first counts, unless the later one is `overriding`.
    mutating func extract(_ name: String, _ value: String, overriding: Bool = false) {
        guard keep(value) else { return }
        let name = stream[name] == nil ? name : name + Self.duplicateSuffix
        if parsedList[name] != nil {
            if overriding { _ = parsedList.replace(name, value) }
            return
        }
        metadataList.removeAll(named: name)
        parsedList.append(Label(name, value))
    }

    /// Marks the line with an error; the first error stays.
    mutating func setError(_ type: String, _ details: String) {
        guard parsedList[Self.error] == nil else { return }
        parsedList.append(Label(Self.error, type))
        parsedList.append(Label(Self.errorDetails, details))
    }

    /// Sets a label's value, wherever the label came from.
    mutating func set(_ name: String, _ value: String) {
        guard keep(value) else { return }
        stream.removeAll { $0.name == name }
        metadataList.removeAll(named: name)
        parsedList.removeAll(named: name)
        parsedList.append(Label(name, value))
    }

    /// Renames the label `old`; its origin stays the same.
    mutating func rename(_ old: String, to name: String) {
        guard value(old) != nil, old != name, spend(metadataList.labels.count + parsedList.labels.count) else { return }
        let found = (parsedList[old], metadataList[old], stream[old])
        removeAll { $0.name == name || $0.name == old }
        if let value = found.0 {
            parsedList.append(Label(name, value))
        } else if let value = found.1 {
            metadataList.append(Label(name, value))
        } else if let value = found.2 {
            stream = (stream + [Label(name, value)]).sorted()
        }
    }

    mutating func removeAll(where condition: (Label) -> Bool) {
        stream.removeAll(where: condition)
        metadataList.removeAll(where: condition)
        parsedList.removeAll(where: condition)
    }

    /// All labels, sorted by name.
    package var merged: [Label] { (stream + metadata.filter { stream[$0.name] == nil } + parsed).sorted() }
}
