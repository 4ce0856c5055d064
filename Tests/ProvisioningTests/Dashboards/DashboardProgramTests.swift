import Encoding
import Foundation
import ServiceTesting
import TestTools
import Testing

@testable import Supervision

/// `scripts/dashboard-queries` sends the queries that Grafana would send.
@Suite("The script that asks every panel") struct DashboardProgramTests {
    private static let program = "scripts/dashboard-queries"

    private static func run(_ arguments: [String]) async throws -> Tool.Result {
        let python = try TestTool.require(TestTool.python, "Python")
        return try await Task.detached { try Tool.run(python, [program] + arguments) }.value
    }

    private static func rows(_ result: Tool.Result) throws -> [Row] {
        try #require(try JSONValue(parsing: Array(result.output.utf8)).array, "\(result.output)").map { row in
            Row(
                dashboard: row["dashboard"]?.string ?? "", panel: row["panel"]?.string ?? "",
                status: row["status"]?.string ?? "", rows: Int(row["rows"]?.integer ?? 0),
                note: row["note"]?.string ?? "", query: row["query"]?.string ?? "")
        }
    }

    private struct Row: CustomStringConvertible {
        let dashboard, panel, status: String
        let rows: Int
        let note, query: String

        var description: String { "\(dashboard), \(panel): \(status), \(rows), \(note), \(query)" }
    }

    @Test func theScriptExplainsItsUsage() async throws {
        let help = try await Self.run(["--help"])
        #expect(help.status == 0)
        for option in ["--loki", "--tempo", "--prometheus", "--range", "--var", "--from", "--json", "--require-rows"] {
            #expect(help.output.contains(option))
        }
    }

    @Test(arguments: [
        ([], "name at least one of"), (["--tempo"], "expected one argument"), (["--loki", "x", "--what"], "--what"),
        (["--loki", "x", "--range", "soon"], "soon is no length of time"),
        (["--loki", "x", "--from", "2"], "belong together"),
        (["--loki", "x", "--from", "2", "--to", "1"], "before"), (["--loki", "x", "--with-trace"], "--tempo"),
        (["--loki", "x", "--var", "guild"], "NAME=VALUE"), (["--loki", "x", "--var", "gild=g-1"], "no dashboard has"),
        (["--loki", "x", "--dashboard", "no-such"], "no-such"),
        (["--loki", "x", "--dashboard", "compose/prometheus/prometheus.yml"], "prometheus.yml"),
    ])
    func aUsageErrorIsReported(_ arguments: [String], _ reason: String) async throws {
        let result = try await Self.run(arguments)
        #expect(result.status == 2)
        #expect(result.output.contains(reason), "\(result.output)")
    }

    /// No query fails, idle or in an incident, and each panel without rows says why.
    @Test func everyPanelGetsAnAnswer() async throws {
        try await withLiveBackends { backends in
            guard backends.layout != nil else { return }
            let services = BusyServices(backends: backends)
            try await services.load()
            let quiet = ["Errors by service", "Error spans", "Failed requests", "When callers got errors, C"]
            try await Self.ask(backends) { row in
                ["ok", "none"].contains(row.status) && (!quiet.contains(row.panel) || row.status == "none")
            }
            try await services.incident()
            let loud = quiet + ["Failed calls between services", "Compensated", "Money given back by guild"]
            try await Self.ask(backends) { row in
                row.status == "ok" || row.status == "none" && !loud.contains(row.panel)
            }
        }
    }

    /// Asks until every row is as it should be: what was written last arrives late.
    private static func ask(_ backends: LiveBackends, _ isRight: @Sendable (Row) -> Bool) async throws {
        var wrong: [Row] = []
        let end = ContinuousClock.now + .seconds(40)
        repeat {
            let now = WallClock.system.now() / 1_000_000
            // Stats look at what was half a minute before the range's end.
            let range = ["--from", "\(now - 600_000)", "--to", "\(now + 30_000)"]
            var stores = [
                "--loki", backends.loki, "--tempo", backends.tempo, "--with-trace", "--json", "--require-rows",
            ]
            // Not one whose clock is elsewhere: `faketime` shifts ours, and not that of a program in Go.
            if let prometheus = backends.prometheus, isNear(try await backends.prometheusTime(), now / 1000) {
                stores += ["--prometheus", prometheus]
            }
            let result = try await run(stores + range)
            let rows = try rows(result)
            #expect(rows.count > 90)
            #expect(rows.allSatisfy { !$0.query.contains("$") && !$0.query.contains("[[") }, "a variable is left")
            let asksAll = stores.contains("--prometheus")
            wrong = rows.filter { !isRight($0) && (asksAll || $0.status != "skipped") }
            if wrong.isEmpty { #expect(result.status == 0) }
        } while !wrong.isEmpty && ContinuousClock.now < end
        #expect(wrong.isEmpty, "\(wrong.map(\.description).joined(separator: "\n"))")
    }

    private static func isNear(_ second: UInt64, _ other: UInt64) -> Bool {
        max(second, other) - min(second, other) < 60
    }

    private static let panels: JSONValue = [
        "templating": [
            "list": [
                [
                    "name": "service", "type": "custom", "query": "gateway,tasks", "multi": true, "includeAll": true,
                    "current": ["value": ["$__all"]],
                ],
                [
                    "name": "guild", "type": "custom", "query": "g-1", "multi": true, "includeAll": true,
                    "allValue": ".*", "current": ["value": ["$__all"]],
                ],
            ]
        ],
        "panels": [
            panel("right", #"sum(rate({service_namespace="tailspan", service=~"$service"} [$__auto]))"#),
            panel("unknown", #"sum(rate({service_namespace="nobody"} [1m]))"#),
            panel("silent", #"sum(rate({service_namespace="nobody"} [1m]))"#, "Empty is good."),
            panel("broken", #"sum(rate({service_namespace="tailspan"} [1m])"#),
            panel("unread", #"{service_namespace="tailspan"} | status > `x` "#),
            panel("guilds", #"{service_namespace="tailspan"} | guild_id=~"$guild""#),
            panel("elsewhere", "up", store: "prometheus"),
        ],
    ]

    private static func panel(
        _ title: String, _ query: String, _ description: String = "", store: String = "loki"
    ) -> JSONValue {
        [
            "title": .string(title), "description": .string(description), "interval": "15s",
            "datasource": ["uid": .string(store)],
            "targets": [["refId": "A", "expr": .string(query), "queryType": "range"]],
        ]
    }

    @Test func theScriptTellsFilledEmptyAndBrokenPanelsApart() async throws {
        try await withLiveBackends(needsPrometheus: false) { backends in
            guard let layout = backends.layout else { return }
            try await BusyServices(backends: backends).load(requests: 20)
            let page = layout.dataFolder + "/page.json"
            try Self.panels.description.write(toFile: page, atomically: true, encoding: .utf8)
            let asked = ["--loki", backends.loki, "--dashboard", page, "--range", "5m"]
            try await eventually("lines have arrived") {
                try Self.rows(try await Self.run(asked + ["--json"]))[0].status == "ok"
            }
            let result = try await Self.run(asked + ["--json", "--var", "guild=g-1", "--var", "guild=g.2"])
            let rows = try Self.rows(result)
            let all = Dictionary(uniqueKeysWithValues: rows.map { ($0.panel, $0) })
            #expect(
                all.mapValues(\.status) == [
                    "right": "ok", "unknown": "empty", "silent": "none", "broken": "error", "unread": "error",
                    "guilds": "ok", "elsewhere": "skipped",
                ])
            #expect(
                all["right"]?.query == #"sum(rate({service_namespace="tailspan", service=~"gateway|tasks"} [15s]))"#)
            #expect(all["guilds"]?.query == #"{service_namespace="tailspan"} | guild_id=~"g-1|g\\.2""#)
            #expect(all["silent"]?.note == "Empty is good.")
            #expect(all["broken"]?.note.hasPrefix("400 ") == true)
            #expect(all["elsewhere"]?.note == "--prometheus is not given")
            #expect(result.status == 1)

            let table = try await Self.run(asked)
            #expect(table.output.contains("7 queries, ") && table.output.contains(" 2 error"), "\(table.output)")
            try await Self.countsFailures(backends, in: layout.dataFolder)
        }
    }

    /// An empty panel, and a slow one, are failures only for those who say so.
    private static func countsFailures(_ backends: LiveBackends, in folder: String) async throws {
        let page = folder + "/empty.json"
        let panels: JSONValue = ["panels": [panel("unknown", #"sum(rate({service_namespace="nobody"} [1m]))"#)]]
        try panels.description.write(toFile: page, atomically: true, encoding: .utf8)
        let asked = ["--loki", backends.loki, "--dashboard", page]
        #expect(try await run(asked).status == 0)
        #expect(try await run(asked + ["--require-rows"]).status == 1)
        #expect(try await run(asked + ["--at-most", "-1"]).status == 1)
        #expect(try await run(["--loki", "http://127.0.0.1:1", "--dashboard", page]).status == 1)
    }
}
