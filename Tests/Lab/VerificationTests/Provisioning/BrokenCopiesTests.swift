import Foundation
import Testing

@testable import Verification

/// The shipped provisioning files, and copies of them with one defect each.
@Suite("Broken copies of the provisioning files") struct BrokenCopiesTests {
    /// One change of one file, and the rule that tells of it.
    struct Break: Sendable, CustomTestStringConvertible {
        var rule: Int
        var file: String
        var from: String
        var to: String
        var testDescription: String { "\(rule): \(to)" }
    }

    private static let sources = "provisioning/datasources/tailspan.yaml"
    private static let alerts = "provisioning/alerting/tailspan.yaml"
    private static let logs = "dashboards/logs-explorer.json"

    static let breaks = [
        Break(
            rule: 20, file: sources, from: "timeShiftEnabled: false",
            to: "timeShiftEnabled: true\n        spanStartTimeShift: -1h\n        spanEndTimeShift: 1h"),
        Break(rule: 21, file: sources, from: "url: http://tempo:3200", to: "url: $TEMPO_URL"),
        Break(rule: 23, file: sources, from: "matcherRegex: ^trace_id$$", to: "matcherRegex: (?i)^trace_id$$"),
        Break(
            rule: 24, file: sources, from: "serviceMap:\n        datasourceUid: prometheus",
            to: "serviceMap:\n        datasourceUid: mimir"),
        Break(rule: 24, file: sources, from: "tag: http.response.status_code", to: "tag: http.status_code"),
        Break(rule: 24, file: sources, from: "- name: traceID", to: "- name: traceid"),
        Break(rule: 24, file: sources, from: "traces_spanmetrics_calls_total", to: "traces_spanmetrics_calls"),
        Break(
            rule: 25, file: sources, from: "      derivedFields:\n",
            to:
                "      derivedFields:\n        - {name: B, matcherRegex: '\"trace_id\":\"(\\w+)\"', datasourceUid: tempo, "
                + "url: '$${__value.raw}'}\n"),
        Break(rule: 26, file: alerts, from: "summary: \"{{ $labels", to: "summary: \"{{ $$labels"),
        Break(rule: 26, file: alerts, from: "severity: critical", to: "severity: \"{{ $labels.service }}\""),
        Break(rule: 27, file: logs, from: "/d/tailspan-traces", to: "/d/tailspan-spans"),
        Break(rule: 27, file: logs, from: "${__url_time_range}", to: "x=1"),
        Break(rule: 14, file: sources, from: "url: $${__value.raw}", to: "url: ${__value.raw}"),
        Break(rule: 15, file: sources, from: "$${__trace.traceId}", to: "$${__trace.id}"),
    ]

    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// What rules say of a copy of the shipped files, after that change.
    private func violated(_ change: Break? = nil) throws -> [Int: [String]] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tailspan-copy-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for part in ["provisioning", "dashboards"] {
            try FileManager.default.copyItem(
                at: Self.root.appending(path: "grafana/" + part), to: folder.appending(path: part))
        }
        if let change {
            let file = folder.appending(path: change.file)
            let text = try String(contentsOf: file, encoding: .utf8)
            let place = try #require(text.firstRange(of: change.from), "nothing to break: \(change.from)")
            try text.replacingCharacters(in: place, with: change.to).write(to: file, atomically: true, encoding: .utf8)
        }
        let path = folder.appending(path: "provisioning").path
        var evidence = SyntheticEvidence.few()
        evidence.provisioned = .known(
            ProvisionedLinks(
                try ProvisioningFolder.dataSources(path, environment: [:]), from: path,
                alerts: try ProvisioningFolder.alerts(path, environment: [:]),
                dashboards: try ProvisioningFolder.dashboards(path, environment: [:])))
        var result: [Int: [String]] = [:]
        for verdict in LinkRules.check(evidence.withAnswers(Self.answers)) {
            if LinkRules.ofProvisioning.contains(verdict.rule.number), change == nil {
                #expect(verdict.findings.checked > 0, "rule \(verdict.rule.number) looked at nothing")
            }
            let found = verdict.findings.violations.map(\.message)
            if !found.isEmpty { result[verdict.rule.number] = found }
        }
        return result
    }

    /// The services expose both names of a histogram.
    private static func answers(_ clicks: inout ClickAnswers) {
        clicks.exposed.insert("http_server_request_duration_seconds_bucket")
    }

    @Test func theShippedFilesViolateNothing() throws {
        let found = try violated()
        #expect(found.isEmpty, "\(found)")
    }

    @Test(arguments: breaks) func eachBrokenCopyViolatesOneRule(_ change: Break) throws {
        let found = try violated(change)
        #expect(Set(found.keys) == [change.rule], "\(found)")
    }
}
