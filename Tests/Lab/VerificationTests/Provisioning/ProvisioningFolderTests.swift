import Foundation
import Testing

@testable import Verification

@Suite("The folder of provisioning files") struct ProvisioningFolderTests {
    /// Reads a folder with these files in `datasources`.
    private func read(_ files: [String: String], _ environment: [String: String] = [:]) throws -> [DataSource] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tailspan-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let inner = folder.appending(path: "datasources")
        try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true)
        for (name, text) in files { try Data(text.utf8).write(to: inner.appending(path: name)) }
        return try ProvisioningFolder.dataSources(folder.path, environment: environment)
    }

    @Test func allFilesAreReadInOrder() throws {
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

    @Test func theHeaderFieldsOfADataSourceAreRead() throws {
        let file = """
            datasources:
            - name: A
              type: loki
              jsonData: {httpHeaderName1: X-Scope-OrgID, httpHeaderName2: X-Other, httpHeaderName3: X-None}
              secureJsonData: {httpHeaderValue1: $TENANT, httpHeaderValue2: b}
            """
        #expect(
            try read(["a.yaml": file], ["TENANT": "room-a"])[0].headers == ["x-scope-orgid": "room-a", "x-other": "b"])
        #expect(try read(["a.yaml": file])[0].headers == ["x-other": "b"], "an empty one is as good as none")
    }

    @Test func alertsAndDashboardsAreRead() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tailspan-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "provisioning").path
        #expect(try ProvisioningFolder.alerts(path, environment: [:]) == nil)
        #expect(try ProvisioningFolder.dashboards(path, environment: [:]) == nil)
        let files = [
            "provisioning/alerting/a.yaml": """
            groups:
            - rules:
              - title: T
                annotations: {summary: '{{ $labels.a }}'}
                labels: {b: '{{ $$labels.a }}', c: '$ROOM'}
                data: [{refId: A, model: {expr: 'x by (a)'}}]
            """,
            // A container's folder: here it is beside the files.
            "provisioning/dashboards/d.yaml": "providers: [{options: {path: /somewhere/else/boards}}]",
            "boards/one.json": #"{"uid":"u","title":"One","templating":{"list":[{"name":"v"}]}}"#,
        ]
        for (name, text) in files {
            let file = folder.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        let alerts = try ProvisioningFolder.alerts(path, environment: ["ROOM": "a"])
        #expect(alerts?.map(\.title) == ["T"])
        #expect(alerts?[0].annotations.map(\.text) == ["{{ $labels.a }}"])
        #expect(alerts?[0].labels.map(\.text) == ["{{ $labels.a }}", "a"])
        #expect(alerts?[0].queries == ["A"])
        let dashboards = try ProvisioningFolder.dashboards(path, environment: [:])
        #expect(dashboards == [GrafanaDashboard(uid: "u", title: "One", variables: ["v"])])
    }

    @Test func theMalformedFileIsNamed() {
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
