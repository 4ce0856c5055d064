import Foundation
import Testing

@testable import Verification

@Suite struct ProvisioningFolderTests {
    /// Reads a folder with these files in `datasources`.
    private func read(_ files: [String: String], _ environment: [String: String] = [:]) throws -> [DataSource] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tailspan-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let inner = folder.appending(path: "datasources")
        try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true)
        for (name, text) in files { try Data(text.utf8).write(to: inner.appending(path: name)) }
        return try ProvisioningFolder.dataSources(folder.path, environment: environment)
    }

    @Test func readsAllFilesInOrder() throws {
        let sources = try read(
            [
                "b.yaml": "apiVersion: 1\ndatasources:\n- {name: B, type: tempo, uid: 7, url: 'http://$HOST:3200'}",
                "a.yml": """
                apiVersion: 1
                datasources:
                - name: A
                  type: loki
                  uid: loki
                  jsonData:
                    derivedFields:
                    - {name: T, matcherType: label, matcherRegex: ^x$$, url: '$${__value.raw}', datasourceUid: tempo}
                    - {name: U, matcherRegex: 'x=(\\w+)', url: '${__value.raw}', datasourceUid: tempo}
                """, "note.txt": "datasources: [{}]",
            ], ["HOST": "tempo"])
        #expect(sources.map(\.name) == ["A", "B"])
        #expect(sources[0].derivedFields.map(\.expression) == ["^x$", #"x=(\w+)"#])
        #expect(sources[0].derivedFields.map(\.url) == ["${__value.raw}", ""], "a single dollar sign is a variable")
        #expect(sources[1] == DataSource(name: "B", uid: "7", type: "tempo", url: "http://tempo:3200"))
        #expect(try read(["a.yaml": ""]).isEmpty)
    }

    @Test func namesTheFileThatIsWrong() {
        let yaml = #expect(throws: VerificationError.self) { try read(["bad.yaml": "a: [1"]) }
        #expect(yaml?.description.contains("/datasources/bad.yaml: not valid YAML at line") == true)
        let entry = #expect(throws: VerificationError.self) { try read(["bad.yaml": "datasources: [{name: x}]"]) }
        #expect(entry?.description.contains("bad.yaml: expected a type in every entry of datasources") == true)
        let folder = #expect(throws: VerificationError.self) {
            try ProvisioningFolder.dataSources("/nowhere", environment: [:])
        }
        #expect(folder?.description == "cannot read /nowhere/datasources: No such file or directory")
    }
}
