import Encoding
import EventLoop
import Glibc
import HTTP
import ServiceTesting
import Testing

@testable import FileSystem
@testable import Supervision

extension RealProcesses {
    @Suite("The trace command")
    struct TraceCommandTests {
        private static func json(_ arguments: [String], _ up: RunningUp, _ loop: EventLoop) async throws -> JSONValue {
            let outcome = try await Programs.run(
                ["trace", "--json"] + arguments + up.options("loki", "tempo"), on: loop)
            #expect(outcome.exit == .code(0), "\(arguments): \(outcome.errors)")
            return try JSONValue(parsing: outcome.output.joined())
        }

        @Test("A trace is found by the prefix of its id, by its age, its length and its errors")
        func aTraceIsFoundByPrefixAgeLengthAndErrors() async throws {
            try await RunningUp.with(["OTEL_BSP_SCHEDULE_DELAY": "2000"]) { loop, up in
                let client = HTTPClient(eventLoop: loop)
                defer { Task { await client.shutdown() } }
                let gateway = up.urls["gateway"] ?? ""
                let none = try await Programs.run(["trace", "--last"] + up.options("loki", "tempo"), on: loop)
                #expect(none.exit == .code(1))
                #expect(none.errors.contains { $0.contains("there is no trace in the last 1h") }, "\(none.errors)")
                #expect(none.errors.contains { $0.contains("tailspan load") })

                let good = try #require(try await client.createTask(gateway).headers["x-trace-id"])
                let whole = try await Self.json([String(good.prefix(8))], up, loop)
                #expect(whole["trace_id"]?.string == good)
                #expect(whole["complete"] == true)
                let spans = try #require(whole["spans"]?.array)
                #expect(spans.count >= 16)
                #expect(spans.count { $0["parent_span_id"] == nil } == 1)

                let refused = try #require(
                    try await client.createTask(gateway, guild: "nobody").headers["x-trace-id"])
                _ = try await Self.json([refused], up, loop)
                #expect(try await Self.json(["--last"], up, loop)["trace_id"]?.string == refused)
                #expect(try await Self.json(["--errors"], up, loop)["trace_id"]?.string == refused)
                #expect(try await Self.json(["--last", "--service", "executor"], up, loop)["trace_id"]?.string == good)
                #expect(try await Self.json(["--slowest"], up, loop)["complete"] == true)

                let logs = try await Programs.run(
                    ["logs", "--trace", String(refused.prefix(10))] + up.options("loki"), on: loop)
                #expect(logs.exit == .code(0))
                #expect(logs.output.count >= 3)
                #expect(logs.output.allSatisfy { $0.contains("trace=\(refused.prefix(8))") })
                let explained = try await Programs.run(
                    ["fault", "explain", "tasks:error=503,rate=50%", "--trace", String(refused.prefix(10)), "--json"]
                        + up.options("loki", "tempo"), on: loop)
                #expect(try JSONValue(parsing: explained.output.joined())["trace_id"]?.string == refused)
            }
        }

        /// What each row of a waterfall is about: the service and the span, or the line.
        private static func rows(_ waterfall: some Sequence<String>) -> [String] {
            waterfall.compactMap { row in
                row.firstMatch(of: /^(\w*)\s+[│├└ ]*(\S.*?)\s{2,}.*[0-9] [nµm]?s\b/).map {
                    // Which workload is computed is the request's choice.
                    "\($0.1) \($0.2.hasPrefix("compute ") ? "compute" : $0.2)"
                }
            }
        }

        @Test("The waterfall in docs/RUNNING.md has the rows that a request leaves")
        func theDocumentedWaterfallMatchesARequest() async throws {
            let text = try #require(Files.text(ExercisePage.root + "/docs/RUNNING.md"))
            let block = try #require(text.split(separator: "```\n").first { $0.hasPrefix("trace ") })
            let promised = Self.rows(block.split(separator: "\n").map(String.init))
            #expect(promised.count == 25)
            try await RunningUp.with { loop, up in
                let client = HTTPClient(eventLoop: loop)
                defer { Task { await client.shutdown() } }
                let id = try #require(try await client.createTask(up.urls["gateway"] ?? "").headers["x-trace-id"])
                let shown = try await Programs.run(["trace", id] + up.options("loki", "tempo"), on: loop)
                #expect(shown.exit == .code(0))
                #expect(Self.rows(shown.output).sorted() == promised.sorted())
                #expect(shown.output.dropFirst().first == "4 services, 16 spans, 9 log lines, no errors")
                // One caller has no span of its own, which is said.
                #expect(shown.output.last?.hasPrefix("the caller's span ") == false, "a curl says no parent")
            }
        }

        @Test("An interrupt ends the command at once, even while it reads a large trace")
        func anInterruptEndsTheCommandAtOnce() async throws {
            let spans = (0..<40_000).map { number in
                #"{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"\#(Hex.string(UInt64(number + 1)))","#
                    + #""parentSpanId":"\#(number == 0 ? "" : "0000000000000001")","name":"n","#
                    + #""startTimeUnixNano":"1","endTimeUnixNano":"9"}"#
            }
            let body = Array(#"{"batches":[{"scopeSpans":[{"spans":[\#(spans.joined(separator: ","))]}]}]}"#.utf8)
            let backend = try await FakeUpstream { _ in
                Response(headers: ["content-type": "application/json"], body: body)
            }
            let url = backend.url
            try await withLoop { loop in
                let command = try RunningProgram(
                    ["trace", "4bf92f3577b34da6a3ce929d0e0e4736", "--tempo", url, "--loki", url], on: loop)
                try await eventually("the trace was asked for") { !backend.asked.isEmpty }
                command.process.send(SIGINT)
                #expect(await command.process.waitForExit() == .signal(SIGINT))
            }
            await backend.stop()
        }
    }
}
