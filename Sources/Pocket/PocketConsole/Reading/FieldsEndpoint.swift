import Encoding
import HTTP
import LogQL
import PocketStore
import QuerySupport

extension ConsoleReading {
    /// `GET fields`: which fields the newest lines of the range have, and which values.
    func fields(_ request: Request) async throws -> Response {
        let range = try ReadingParameters(request).range()
        return try await database.read { database, budget in
            let reader = LogReader(database: database, budget: budget)
            var sample = FieldSample()
            let streams = try reader.streams([], from: range.start, to: range.end)
            try reader.forEachLine(of: streams, from: range.start, to: range.end, newestFirst: true) { line in
                try sample.add(line, budget)
                return sample.lines < FieldSample.maximumLines
            }
            return .json { (json: inout JSONWriter) in sample.write(to: &json) }
        }
    }
}

/// The fields of a sample of lines.
struct FieldSample {
    static let maximumLines = 2000
    private static let maximumExamples = 20
    private static let maximumExample = 200

    fileprivate struct Field {
        var isLabel: Bool
        var lines = 0
        /// How often each value occurs.
        var values: [String: Int] = [:]
        /// The least and the greatest number; `nil` once a value is no number.
        var numbers: (least: Double, most: Double)?
        var areNumbers = true
    }

    private(set) var lines = 0
    private var fields: [String: Field] = [:]

    mutating func add(_ line: StoredLine, _ budget: QueryBudget) throws {
        lines += 1
        for field in try LineFieldList(line, budget).fields {
            let value = LineJSON.cut(field.value, Self.maximumExample)
            try budget.charge(4)
            try budget.hold(64 + value.utf8.count)
            fields[field.name, default: Field(isLabel: field.isLabel)].add(value)
        }
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.name("fields")
            json.array { json in
                for (name, field) in fields.sorted(by: { $0.key < $1.key }) {
                    let examples = field.values.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
                    json.object { json in
                        json.member("name", name)
                        json.member("values", field.values.count)
                        json.member("lines", Double(field.lines) / Double(max(lines, 1)))
                        json.name("examples")
                        json.array { json in
                            for example in examples.prefix(Self.maximumExamples) { json.value(example.key) }
                        }
                        json.member("label", field.isLabel)
                        json.optional("least", field.numbers.map { Self.text($0.least) })
                        json.optional("most", field.numbers.map { Self.text($0.most) })
                    }
                }
            }
            json.member("sample", lines)
        }
    }

    private static func text(_ number: Double) -> String {
        var output = ByteWriter(capacity: 16)
        output.append(json: number)
        return output.string
    }
}

extension FieldSample.Field {
    fileprivate mutating func add(_ value: String) {
        lines += 1
        values[value, default: 0] += 1
        guard areNumbers else { return }
        guard let number = Double(value), number.isFinite else {
            areNumbers = false
            numbers = nil
            return
        }
        numbers = (min(numbers?.least ?? number, number), max(numbers?.most ?? number, number))
    }
}
