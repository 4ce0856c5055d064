import Encoding
import Foundation
import Incidents
import TestTools
import Testing

/// Asks a validator that others wrote, and our own parser.
enum SchemaCheck {
    static let schema = "incidents/incident.schema.json"

    static func parse(_ bytes: [UInt8]) throws(IncidentError) -> Incident {
        try Incident(name: "sample", parsing: bytes, file: "sample.yaml")
    }

    /// Which of the texts do not fit the schema, by their places.
    static func refused(_ texts: [[UInt8]], ending: String) throws -> Set<Int> {
        let checker = try TestTool.require(Tool.pythonTool("check-jsonschema"), "check-jsonschema")
        let folder = FileManager.default.temporaryDirectory.appending(path: "tailspan-incidents-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // A folder below /tmp: whether it goes or stays hurts nobody.
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = try texts.enumerated().map { index, text in
            let file = folder.appending(path: "\(index).\(ending)")
            try Data(text).write(to: file)
            return file.path
        }
        let result = try Tool.run(checker, ["--schemafile", schema, "--output-format", "json"] + files)
        let report = try #require(try? JSONValue(parsing: result.output), "\(result.output)")
        let problems = (report["errors"]?.array ?? []) + (report["parse_errors"]?.array ?? [])
        #expect((result.status == 0) == problems.isEmpty, "\(result.output)")
        return Set(
            try problems.map { problem in
                let file = try #require(problem["filename"]?.string)
                return try #require(files.firstIndex(of: file), "\(problem)")
            })
    }
}

/// A value with one of its parts changed.
struct Mutation {
    /// The keys and indices that lead to what was changed.
    var path: String
    var change: String
    var value: JSONValue

    private static let replacements: [JSONValue] = [nil, true, 3, "", "x", [], [:]]

    private static func replacements(of value: JSONValue) -> [JSONValue] {
        let more: [JSONValue] =
            switch value {
            case .integer, .double: [-1, 2.5]
            case .array: [["x"]]
            default: []
            }
        return (replacements + more).filter { $0 != value }
    }

    /// Each part left out, and replaced by values of each kind.
    static func all(of value: JSONValue) -> [Mutation] { all(of: value, at: []) }

    private static func all(of value: JSONValue, at path: [String]) -> [Mutation] {
        var result: [Mutation] = []
        let name = path.joined(separator: "/")
        for replacement in replacements(of: value) {
            result.append(Mutation(path: name, change: "is \(replacement)", value: replacement))
        }
        switch value {
        case .object(let object):
            for member in object.members {
                var without = object
                without[member.name] = nil
                result.append(Mutation(path: name, change: "has no \(member.name)", value: .object(without)))
                result += all(of: member.value, at: path + [member.name]).map { mutation in
                    var changed = object
                    changed[member.name] = mutation.value
                    return Mutation(path: mutation.path, change: mutation.change, value: .object(changed))
                }
            }
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                result += all(of: element, at: path + ["\(index)"]).map { mutation in
                    var changed = elements
                    changed[index] = mutation.value
                    return Mutation(path: mutation.path, change: mutation.change, value: .array(changed))
                }
            }
        default: break
        }
        return result
    }
}
