import Contracts
import Encoding
import Foundation
import Incidents
import TestTools
import Testing
import Vocabulary
import Workload
import YAML

/// Editors check an incident against its JSON Schema, the program with its parser; both must agree.
@Suite("The JSON Schema of incidents") struct IncidentSchemaTests {
    @Test("The schema fits the metaschema that it names") func theSchemaFitsItsMetaschema() throws {
        let checker = try TestTool.require(Tool.pythonTool("check-jsonschema"), "check-jsonschema")
        #expect(try Repository.json(SchemaCheck.schema)["$schema"] == "https://json-schema.org/draft/2020-12/schema")
        let result = try Tool.run(checker, ["--check-metaschema", SchemaCheck.schema])
        #expect(result.status == 0, "\(result.output)")
    }

    @Test("Every incident fits the schema and names it in its first line, where editors look")
    func everyIncidentFitsTheSchemaAndNamesIt() throws {
        let checker = try TestTool.require(Tool.pythonTool("check-jsonschema"), "check-jsonschema")
        let files = try Repository.files(under: "incidents", endingIn: ".yaml")
        #expect(files.count >= 14)
        for file in files {
            #expect(
                try Repository.text(file).hasPrefix("# yaml-language-server: $schema=incident.schema.json\n"), "\(file)"
            )
        }
        let result = try Tool.run(checker, ["--schemafile", SchemaCheck.schema] + files)
        #expect(result.status == 0, "\(result.output)")
    }

    @Test("The documented example fits the schema and is parsed") func theDocumentedExampleFitsTheSchema() throws {
        let page = try Repository.text("docs/incidents.md")
        let example = try #require(page.firstMatch(of: /(?s)```yaml\n(.*?)```/)?.1)
        #expect(try SchemaCheck.refused([Array(example.utf8)], ending: "yaml").isEmpty)
        #expect(throws: Never.self) { try SchemaCheck.parse(Array(example.utf8)) }
    }

    // MARK: Texts

    private static func text(_ old: String, _ new: String) throws -> String {
        #expect(SampleFile.text.contains(old), "the sample has no \(old)")
        return SampleFile.text.replacing(old, with: new, maxReplacements: 1)
    }

    @Test("The schema and the parser refuse common mistakes") func schemaAndParserRefuseCommonMistakes() throws {
        var texts: [String] = []
        for (old, new) in SampleFile.mistakes { texts.append(try Self.text(old, new)) }
        let refused = try SchemaCheck.refused(texts.map { Array($0.utf8) }, ending: "yaml")
        for (index, text) in texts.enumerated() {
            let change = SampleFile.mistakes[index]
            #expect(refused.contains(index), "the schema takes \(change)")
            #expect(throws: IncidentError.self, "the parser takes \(change)") {
                try SchemaCheck.parse(Array(text.utf8))
            }
        }
    }

    @Test("The schema and the parser accept every notation of a value")
    func schemaAndParserAcceptEveryNotation() throws {
        var texts = [SampleFile.text]
        for (old, new) in SampleFile.varieties { texts.append(try Self.text(old, new)) }
        #expect(try SchemaCheck.refused(texts.map { Array($0.utf8) }, ending: "yaml").isEmpty)
        for text in texts { #expect(throws: Never.self) { try SchemaCheck.parse(Array(text.utf8)) } }
    }

    // MARK: Every value, changed in every way

    /// Where the parser compares two values, which no schema can.
    private static let parsersOwn: Set = [
        "questions/1/accept", "questions/1/accept/0", "questions/1/choices/0", "questions/1/choices/1",
    ]

    @Test("The schema and the parser agree on a sample with any value removed or of another type")
    func schemaAndParserAgreeOnMutatedSamples() throws {
        let mutants = Mutation.all(of: try YAML.document(Array(SampleFile.text.utf8)))
        #expect(mutants.count > 300)
        let texts = mutants.map { mutant in
            var writer = JSONWriter()
            writer.value(mutant.value)
            return writer.bytes
        }
        let refused = try SchemaCheck.refused(texts, ending: "json")
        for (index, mutant) in mutants.enumerated() {
            let byParser = (try? SchemaCheck.parse(texts[index])) == nil
            if byParser, Self.parsersOwn.contains(mutant.path) { continue }
            #expect(
                byParser == refused.contains(index),
                "\(mutant.path) \(mutant.change): \(byParser ? "only the parser" : "only the schema") refuses it")
        }
    }

    // MARK: Names

    /// A mapping of the sample to which a key can be added, and where the schema describes it.
    private static let mappings: [(schema: [String], beginning: String)] = [
        ([], ""), (["$defs", "load"], "load: { "), (["$defs", "timelineEntry"], "timeline:\n  - { "),
        (["$defs", "timelineEntry", "properties", "deploy"], "deploy: { "),
        (["$defs", "symptom"], "symptoms:\n  - { "), (["$defs", "question"], "questions:\n  - { "),
        (["$defs", "load", "properties", "mix", "anyOf", "1"], " mix: { "),
        (["$defs", "load", "properties", "workload_mix", "anyOf", "1"], "workload_mix: { "),
        (["$defs", "environment"], "environment: { "),
        (["$defs", "environment", "properties", "gateway"], "gateway: { "),
        (["$defs", "environment", "properties", "tasks"], "tasks: { "),
        (["$defs", "environment", "properties", "executor"], "executor: { "),
        (["$defs", "environment", "properties", "payments"], "payments: { "),
    ]

    @Test("The schema knows the parser's keys in every mapping", arguments: mappings.indices)
    func theSchemaKnowsTheKeysOfTheParser(index: Int) throws {
        let (path, beginning) = Self.mappings[index]
        let key = beginning.isEmpty ? "zzzzzzzz: 1\n" : "zzzzzzzz: 1, "
        let text = beginning.isEmpty ? key + SampleFile.text : try Self.text(beginning, beginning + key)
        let error = #expect(throws: IncidentError.self) { try SchemaCheck.parse(Array(text.utf8)) }
        let words = try #require(error?.description.firstMatch(of: /'zzzzzzzz'.* expected (?:names of )?(.*)$/)?.1)
        let known = words.replacing(" or ", with: ", ").split(separator: ", ").map(String.init)
        var described = try Repository.json(SchemaCheck.schema)
        for step in path {
            described = try #require(Int(step).flatMap { described[$0] } ?? described[step], "\(step)")
        }
        #expect(described["properties"]?.object?.members.map(\.name).sorted() == known.sorted())
        #expect(described["additionalProperties"] == false)
    }

    @Test("The schema knows every service") func theSchemaKnowsEveryService() throws {
        let services = try Repository.json(SchemaCheck.schema)["$defs"]?["service"]?["enum"]?.array
        #expect(services == ServiceRole.allCases.map { .string($0.rawValue) })
    }
}
