import LogQL
import QuerySupport
import Vocabulary

/// The fields of a stored line, each once: the labels of its stream by name, its structured metadata by name, then what
/// its own JSON has, in the line's order.
///
/// Names are those that a query knows after `| json`: nested names joined by `_`, and `…_extracted` where the line says
/// something else than the label of the same name. A field of the line replaces metadata, which may have been cut.
struct LineFieldList {
    struct Field {
        var name: String
        var value: String
        /// Whether it is a label of the line's stream.
        var isLabel = false
    }

    private(set) var fields: [Field] = []
    private var places: [String: Int] = [:]
    private let line: StoredLine
    /// The names of the stream's labels come first in ``fields``.
    private let labelCount: Int

    /// The maximum number of fields; a line of our services has about thirty.
    private static let maximumCount = 200
    private static let maximumDepth = 8

    /// - Parameter budget: charged for reading the line.
    init(_ line: StoredLine, _ budget: QueryBudget) throws {
        try budget.charge(1 + (line.text.count + line.metadataBytes.count) / 8)
        self.line = line
        labelCount = line.stream.labels.count
        for label in line.stream.labels { append(Field(name: label.name, value: label.value, isLabel: true)) }
        for label in line.metadata() { append(Field(name: label.name, value: label.value)) }
        guard line.text.first == UInt8(ascii: "{") else { return }
        do { try readObject(at: 0, prefix: "", depth: 0) } catch {
            // The line is not whole JSON, because it was cut or is no JSON at all: what came before the error counts.
        }
    }

    subscript(_ name: String) -> String? { places[name].map { fields[$0].value } }

    private mutating func append(_ field: Field) {
        guard fields.count < Self.maximumCount, places[field.name] == nil else { return }
        places[field.name] = fields.count
        fields.append(field)
    }

    /// Adds a field of the line.
    mutating func add(_ name: String, _ value: String) {
        guard let place = places[name] else { return append(Field(name: name, value: value)) }
        if place >= labelCount {
            fields[place].value = value
        } else if fields[place].value != value {
            append(Field(name: name + LineLabels.duplicateSuffix, value: value))
        }
    }

    private mutating func readObject(at start: Int, prefix: String, depth: Int) throws(JSONScanner.Failure) {
        var scanner = JSONScanner(line.text, at: start)
        let reader = scanner
        var list = self
        defer { self = list }
        try scanner.members { (range, hasEscapes, value) throws(JSONScanner.Failure) in
            let name = LineParsers.sanitized(prefix + reader.text(range, hasEscapes: hasEscapes))
            switch value {
            case .string(let range, let hasEscapes): list.add(name, reader.text(range, hasEscapes: hasEscapes))
            case .literal(let range): list.add(name, reader.text(range))
            case .null: list.add(name, "null")
            case .object(let start) where depth < Self.maximumDepth:
                try list.readObject(at: start, prefix: name + "_", depth: depth + 1)
            case .object(let start), .array(let start):
                list.add(name, reader.text(try reader.range(ofNestedAt: start)))
            }
            return list.fields.count < Self.maximumCount
        }
    }
}

extension StoredLine {
    /// The line's level as it is shown and counted; `unknown` where it says none.
    var level: String {
        stream.level ?? metadata()[LokiMetadata.detectedLevel] ?? "unknown"
    }
}

extension LogStream {
    /// The level of all its lines; `nil` if they may differ.
    var level: String? { labels[LogField.level] ?? detectedLevel }
}
