import Encoding
import EventLoop
import Foundation
import Testing

@testable import FileSystem
@testable import Supervision

/// The links of the repository's own Grafana files, followed by `tailspan verify` beside a stack that runs.
enum ProvisionedLinks {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "grafana/provisioning").path

    /// - Parameter stack: the arguments that say where everything is.
    static func judge(_ stack: [String], in temporary: String, on loop: EventLoop) async throws {
        let whole = try await verify(folder, stack, on: loop)
        #expect(whole.exit == .code(0), "\(whole.rules)")
        for number in 13...15 {
            let rule = try #require(whole.rules.first { $0["number"]?.integer == Int64(number) })
            #expect(rule["checked"]?.integer ?? 0 > 8, "\(rule)")
            #expect(rule["not_checked"] == nil, "\(rule)")
        }
        for number in 20...27 {
            let rule = try #require(whole.rules.first { $0["number"]?.integer == Int64(number) })
            // The hosts of the stack's network mean nothing here, and fail nobody.
            #expect((rule["not_checked"] == nil) == (number != 21), "\(rule)")
            #expect((rule["checked"]?.integer ?? 0 > 0) == (number != 21), "\(rule)")
        }

        // Each fault is found by the rule that is meant for it, and by no other.
        let faults: [(rule: Int64, written: String, wrong: String)] = [
            (13, "matcherRegex: ^trace_id$$", "matcherRegex: ^traceid$$"),
            (14, "url: $${__value.raw}", "url: ${__value.raw}"),
            (15, "$${__trace.traceId}", "$${__trace.id}"),
            (20, "timeShiftEnabled: false", "timeShiftEnabled: true\n        spanStartTimeShift: -1h"),
            (21, "url: http://tempo:3200", "url: $NOWHERE"),
            (23, "matcherRegex: ^trace_id$$", "matcherRegex: (?i)^trace_id$$"),
            (24, "tag: http.response.status_code", "tag: http.status"),
            (
                25, "      derivedFields:\n",
                "      derivedFields:\n        - {name: B, matcherRegex: '\"trace_id\":\"(\\w+)\"', datasourceUid: tempo, "
                    + "url: '$${__value.raw}'}\n"
            ),
        ]
        let text = try #require(Files.text(folder + "/datasources/tailspan.yaml"))
        for fault in faults {
            let copy = temporary + "/rule\(fault.rule)"
            try Files.makeFolder(copy + "/datasources")
            let broken = text.replacing(fault.written, with: fault.wrong)
            #expect(broken != text, "\(fault.written) is not there any more")
            try broken.write(toFile: copy + "/datasources/tailspan.yaml", atomically: true, encoding: .utf8)
            let outcome = try await verify(copy, stack, on: loop)
            #expect(outcome.exit == .code(1))
            let violated = outcome.rules.filter { $0["violations"]?.array?.isEmpty == false }
            #expect(violated.map { $0["number"]?.integer } == [fault.rule], "\(violated)")
        }
    }

    private static func verify(
        _ provisioning: String, _ stack: [String], on loop: EventLoop
    ) async throws -> (exit: ProcessExit, rules: [JSONValue]) {
        let arguments = ["verify", "--requests", "9", "--format", "json", "--provisioning", provisioning]
        let outcome = try await Programs.run(arguments + stack, on: loop)
        let report = try JSONValue(parsing: outcome.output.joined(separator: "\n"))
        return (outcome.exit, try #require(report["rules"]?.array))
    }
}
