import Encoding
import LogQL
import PocketStore

/// The body of a push: Loki's JSON, `{"streams":[{"stream":{…},"values":[["<ns>","<line>",{…}]]}]}`.
struct PushRequest {
    struct Problem: Error, CustomStringConvertible {
        var description: String
    }

    struct Entry {
        var time: UInt64
        var line: String
        var metadata: LabelSet
    }

    struct Stream {
        var labels: [Label]
        var entries: [Entry]
    }

    var streams: [Stream]

    /// The maximum estimated memory of a parsed push, in bytes.
    private static let maximumSize = 96 << 20

    /// - Throws: ``Problem`` that says where the body is invalid; then nothing is stored.
    init(json bytes: [UInt8]) throws(Problem) {
        let body: JSONValue
        do {
            body = try JSONValue(parsing: bytes, maximumSize: Self.maximumSize, repairingText: true)
        } catch {
            throw Problem(description: bytes.isEmpty ? "EOF" : "the push is \(error.description)")
        }
        guard let object = body.object else { throw Problem(description: "expected an object with streams") }
        guard let list = object["streams"] else {
            streams = []
            return
        }
        guard let list = list.array else { throw Problem(description: "streams: expected an array") }
        streams = []
        streams.reserveCapacity(list.count)
        for (index, item) in list.enumerated() {
            streams.append(try Self.stream(item, "streams[\(index)]"))
        }
    }

    private static func stream(_ value: JSONValue, _ path: String) throws(Problem) -> Stream {
        guard let object = value.object else { throw Problem(description: "\(path): expected an object") }
        guard let labels = object["stream"]?.object else {
            throw Problem(description: "\(path).stream: expected an object of labels")
        }
        var result = Stream(labels: [], entries: [])
        for member in labels.members {
            // As in Loki, a number or boolean is stored as text.
            let text: String
            switch member.value {
            case .string(let value): text = value
            case .integer, .double, .bool: text = member.value.description
            case .null, .array, .object:
                throw Problem(description: "\(path).stream.\(member.name): expected a string")
            }
            result.labels.append(Label(member.name, text))
        }
        guard let values = object["values"] else { return result }
        guard let values = values.array else { throw Problem(description: "\(path).values: expected an array") }
        result.entries.reserveCapacity(values.count)
        for (index, item) in values.enumerated() {
            result.entries.append(try entry(item) { "\(path).values[\(index)]" })
        }
        return result
    }

    private static func entry(_ value: JSONValue, _ path: () -> String) throws(Problem) -> Entry {
        guard let parts = value.array, parts.count == 2 || parts.count == 3 else {
            throw Problem(description: "\(path()): expected [\"<nanoseconds>\", \"<line>\"] or with an object third")
        }
        guard let time = parts[0].string.flatMap({ UInt64($0) }) else {
            throw Problem(
                description: "\(path())[0]: expected nanoseconds since the Unix epoch as a string, not \(parts[0])")
        }
        guard let line = parts[1].string else {
            throw Problem(description: "\(path())[1]: expected the line as a string, not \(parts[1])")
        }
        var metadata = LabelSet()
        if parts.count == 3 {
            guard let object = parts[2].object else {
                throw Problem(description: "\(path())[2]: expected an object of structured metadata")
            }
            for member in object.members {
                guard let text = member.value.string else {
                    throw Problem(description: "\(path())[2].\(member.name): expected a string, not \(member.value)")
                }
                metadata.set(LabelNames.normalized(member.name), text)
            }
        }
        return Entry(time: time, line: line, metadata: metadata)
    }
}
