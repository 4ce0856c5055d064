import Encoding
import Foundation
import TestTools
import Testing

/// Every choice that the head of compose.yaml describes, merged as Compose does it.
@Suite("Compose: files and choices") struct ComposeMergeTests {
    private static let services: Set = ["gateway", "tasks", "executor", "payments"]
    private static let shippers: Set = ["promtail", "alloy", "collector"]

    @Test("Every combination merges with exactly one shipper") func everyCombinationMergesWithOneShipper() throws {
        let cases = ComposeModel.Case.all
        for (one, model) in zip(cases, try ComposeModel.models(cases)) {
            #expect(model.error == nil, "\(one.testDescription)")
            #expect(model.names.intersection(Self.shippers) == [one.shipper], "\(one.testDescription)")
            var expected = Self.services.union(["loki", "tempo", "grafana", one.shipper])
            if one.traces == "jaeger" { expected.insert("jaeger") }
            if one.profiles.contains("metrics") { expected.insert("prometheus") }
            if one.profiles.contains("load") { expected.insert("load") }
            #expect(model.names == expected, "\(one.testDescription)")
        }
    }

    @Test("Every merged file fits the Compose schema") func everyCombinationFitsTheSchema() throws {
        let checker = try TestTool.require(Tool.pythonTool("check-jsonschema"), "check-jsonschema")
        let folder = FileManager.default.temporaryDirectory.appending(path: "tailspan-compose-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // A folder below /tmp: whether it goes or stays hurts nobody.
        defer { try? FileManager.default.removeItem(at: folder) }
        var files: [String] = []
        let cases = ComposeModel.Case.all.filter { $0.profiles.count == 2 && $0.traces == "jaeger" }
        for (index, model) in try ComposeModel.models(cases).enumerated() {
            let file = folder.appending(path: "\(index).json").path
            var writer = JSONWriter()
            writer.value(model.json)
            try Data(writer.bytes).write(to: URL(fileURLWithPath: file))
            files.append(file)
        }
        #expect(files.count == 96)
        let result = try Tool.run(checker, ["--builtin-schema", "vendor.compose-spec"] + files)
        #expect(result.status == 0, "\(result.output)")
    }

    @Test("Every overlay is among the tested cases") func everyOverlayIsTested() throws {
        let files = try Repository.files(under: "compose", endingIn: ".yaml").filter {
            $0.hasPrefix("compose/compose.")
        }
        let expected = ["compose/compose.yaml"] + ComposeModel.Case.allOverlays.map { "compose/compose.\($0).yaml" }
        #expect(files == expected.sorted())
    }

    @Test(
        "Invalid combinations are refused",
        arguments: [
            (.init(named: ["promtail", "alloy"]), "tailspan-shipper is already in use"),
            (.init(named: ["promtail", "collector"]), "tailspan-shipper is already in use"),
            (.init(named: ["alloy", "collector"]), "tailspan-shipper is already in use"),
            (.init(metrics: "victoriametrics", profiles: ["metrics"]), "tailspan-metrics is already in use"),
            (.init(shipper: "fluentd"), "fluentd.env not found"),
            (.init(environment: ["GRAFANA_ADMIN_PASSWORD": ""]), "required variable GRAFANA_ADMIN_PASSWORD"),
            (.init(overlays: ["s3"], environment: ["S3_SECRET_KEY": ""]), "required variable S3_SECRET_KEY"),
        ] as [(ComposeModel.Case, String)])
    func invalidCombinationsAreRefused(_ one: ComposeModel.Case, _ error: String) throws {
        let model = try #require(try ComposeModel.models([one]).first)
        #expect(model.error?.contains(error) == true, "\(model.error ?? "accepted")")
    }

    @Test("Lines and spans go to the chosen backends", arguments: ComposeModel.Case.shippers)
    func linesAndSpansGoToTheChosenBackends(_ base: ComposeModel.Case) throws {
        for traces in ["tempo", "jaeger"] {
            var one = base
            one.traces = traces
            let model = try ComposeModel.model(one)
            let takesLines = one.shipper == "collector"
            // The load's own spans are the roots of its traces.
            for name in Self.services.union(["load"]) {
                let environment = try #require(model[name]).environment
                #expect(
                    environment["OTEL_EXPORTER_OTLP_ENDPOINT"]
                        == (takesLines ? "http://collector:4318" : "http://\(traces):4318"))
                #expect(
                    environment["OTEL_EXPORTER_OTLP_LOGS_ENDPOINT"]
                        == (takesLines ? "http://collector:4318/v1/logs" : nil))
            }
            #expect(
                model["collector"]?.environment["TRACES_ENDPOINT"] == (takesLines ? "http://\(traces):4318" : nil))
        }
    }

    /// Compose exports an image once for each service that builds it.
    @Test("One service builds the image, and starting the load by hand starts it too")
    func oneServiceBuildsTheImage() throws {
        for (name, service) in try ComposeModel.everyService() {
            let isOurs = service.image.hasPrefix("tailspan:")
            #expect((service["build"] != nil) == ["executor", "collector"].contains(name), "\(name)")
            guard isOurs else { continue }
            // What is built is in no registry: whoever does not build it must not look there.
            #expect(service["pull_policy"]?.string == (name == "executor" ? "missing" : "never"), "\(name)")
        }
        let model = try ComposeModel.model(.everything)
        var reached: Set = ["load"]
        while true {
            let next = reached.union(
                reached.flatMap { model[$0]?["depends_on"]?.object?.members.map(\.name) ?? [] })
            if next == reached { break }
            reached = next
        }
        #expect(reached.isSuperset(of: ["gateway", "tasks", "executor"]))
    }

    @Test("Compose prints no warning when it is run by hand") func composeByHandPrintsNoWarning() throws {
        let cases = ComposeModel.Case.all + [.init(environment: ["SHIPPER": "", "TRACES": ""])]
        for (one, model) in zip(cases, try ComposeModel.models(cases)) {
            #expect(model.json["x-warnings"]?.array == [], "\(one.testDescription)")
        }
    }

    @Test("Every mount but the engine's socket is labelled when SELINUX=true")
    func everyMountIsLabelledUnderSELinux() throws {
        let socket = "/var/run/docker.sock"
        var cases = ComposeModel.Case.all.filter { $0.profiles.count == 2 && $0.traces == "jaeger" }
        for model in try ComposeModel.models(cases) {
            for (name, service) in model.services { #expect(service.bindMounts(labelled: true) == [], "\(name)") }
        }
        for index in cases.indices { cases[index].environment["SELINUX"] = "true" }
        var labelled = 0
        for (one, model) in zip(cases, try ComposeModel.models(cases)) {
            for (name, service) in model.services {
                labelled += service.bindMounts(labelled: true).count
                let rest = service.bindMounts(labelled: false)
                #expect(rest.isSubset(of: [socket]), "\(name) \(one.testDescription): \(rest)")
                // Whoever is to use the socket is let out of SELinux's keeping, since the socket keeps its label.
                let isFree = service.strings("security_opt").contains("label=disable")
                #expect(isFree == rest.contains(socket), "\(name) \(one.testDescription)")
            }
        }
        #expect(labelled > 500)
    }

    @Test("No service waits for a backend, so a sick one stops nothing else") func noServiceWaitsForABackend() throws {
        let allowed: [String: [String: String]] = [
            "gateway": ["tasks": "service_healthy"],
            "tasks": ["executor": "service_healthy", "payments": "service_healthy"],
            "load": ["gateway": "service_healthy"],
            "grafana": ["loki": "service_started", "tempo": "service_started"],
            "promtail": Dictionary(uniqueKeysWithValues: Self.services.map { ($0, "service_started") }),
            "alloy": Dictionary(uniqueKeysWithValues: Self.services.map { ($0, "service_started") }),
        ]
        for (name, service) in try ComposeModel.everyService() {
            let members = service["depends_on"]?.object?.members ?? []
            let conditions = Dictionary(
                uniqueKeysWithValues: members.map { ($0.name, $0.value["condition"]?.string ?? "") })
            #expect(conditions == allowed[name] ?? [:], "\(name)")
        }
    }

    @Test("Offline mode neither pulls nor builds") func offlineModeNeitherPullsNorBuilds() throws {
        for base in ComposeModel.Case.shippers {
            var one = base
            one.overlays = ["offline"]
            for (name, service) in try ComposeModel.model(one).services {
                #expect(service["pull_policy"]?.string == "never", "\(name)")
                #expect(service["build"] == nil, "\(name)")
            }
        }
    }

    /// Older versions of Compose reset only the first use of an anchor's content.
    @Test("No reset stands below an anchor, whose aliases would keep the value")
    func noResetStandsBelowAnAnchor() throws {
        let files = try Repository.files(under: "compose", endingIn: ".yaml").filter {
            $0.hasPrefix("compose/compose.")
        }
        #expect(try files.contains { try Repository.text($0).contains("!reset") })
        for file in files { #expect(Self.resetsBelowAnchors(try Repository.text(file)).isEmpty, "\(file)") }
        let known = Self.resetsBelowAnchors(
            """
            a: &one
              build: !reset null
            b: &two {c: !reset null}
            d: &three
              e:
                f: 1

                g: !override {h: !reset null}
            i: !reset null
            """)
        #expect(known == ["build: !reset null", "b: &two {c: !reset null}", "g: !override {h: !reset null}"])
    }

    /// The lines with a `!reset` that stand in, or further in than, a line with an anchor.
    private static func resetsBelowAnchors(_ text: String) -> [String] {
        var found: [String] = []
        var anchor: Int?
        for line in text.split(separator: "\n") {
            let content = line.drop { $0 == " " }
            guard !content.isEmpty, !content.hasPrefix("#") else { continue }
            let indentation = line.count - content.count
            if let outer = anchor, indentation <= outer { anchor = nil }
            if anchor == nil, content.contains(/(?:^|[\s\[{,])&[A-Za-z]/) { anchor = indentation }
            if anchor != nil, content.contains("!reset") { found.append(String(content)) }
        }
        return found
    }

    @Test("Docker's logs replace the log files, and Promtail reads from the engine")
    func dockerLogsReplaceTheLogFiles() throws {
        let model = try ComposeModel.model(.init(overlays: ["docker-logs"]))
        for name in Self.services { #expect(model[name]?.environment["LOG_DIR"] == "") }
        let promtail = try #require(model["promtail"])
        #expect(promtail.strings("command").first == "-config.file=/etc/promtail/promtail-docker.yaml")
        #expect(promtail.mounts.contains { $0.target == "/var/run/docker.sock" && $0.isReadOnly })
        #expect(promtail.strings("group_add") == ["0"])
    }

    @Test("Writers and reader share a folder of the machine on macOS")
    func writersAndReaderShareAFolderOnMacOS() throws {
        let model = try ComposeModel.model(.init(overlays: ["macos"]))
        let sources = (Self.services.union(["promtail"])).map { name in
            model[name]?.mounts.first { $0.target == "/var/log/tailspan" }.map { $0.type + " " + $0.source } ?? ""
        }
        #expect(Set(sources) == ["bind " + Repository.root.appending(path: ".tailspan/compose-logs").path])
    }

    @Test("Loki and Tempo use object storage and keep data for longer") func lokiAndTempoUseObjectStorage() throws {
        let model = try ComposeModel.model(.init(overlays: ["s3"]))
        for (name, prefix) in [("loki", "LOKI"), ("tempo", "TEMPO")] {
            let environment = try #require(model[name]).environment
            #expect(environment["\(prefix)_STORE"] == "s3")
            #expect(environment["\(prefix)_S3_ENDPOINT"] == "s3.example.com")
            #expect(environment["\(prefix)_RETENTION"] == "720h")
        }
    }
}
