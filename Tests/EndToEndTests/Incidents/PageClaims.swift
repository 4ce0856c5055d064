import Encoding
import Testing
import Verification
import Vocabulary

@testable import FileSystem

/// What the pages of the course say of a run, number by number.
enum PageClaims {
    /// Holds what the pages of an incident say against what is left of a run of it.
    static func hold(_ incident: String, _ run: IncidentEvidence) async throws {
        for page in try ExercisePage.pages(of: incident) {
            for (language, query) in page.queries {
                let filled = query.replacing("VERSION", with: "0.3.0")
                let found = try await run.found(language, filled)
                // Of this one the page says that there is none.
                #expect((found == 0) == filled.contains(#"version!="0.3.0""#), "\(page.path): \(found) of \(filled)")
            }
        }
        switch incident {
        case "unsettled-tasks": try await unsettledTasks(run)
        case "taking-ages": try await takingAges(run)
        case "five-in-a-hundred": try await fiveInAHundred(run)
        case "worked-yesterday": try await workedYesterday(run)
        case "accepted-then-nothing": try await acceptedThenNothing(run)
        case "standing-still": try await standingStill(run)
        case "traces-cut-short": try await tracesCutShort(run)
        case "no-news": try await noNews(run)
        default: #expect(try ExercisePage.pages(of: incident).isEmpty, "nothing holds the claims of \(incident)'s page")
        }
    }

    private static func unsettledTasks(_ run: IncidentEvidence) async throws {
        // From 20 seconds after the start, for 35 seconds.
        let times = run.failureTimes
        #expect(times.allSatisfy { (20_000..<55_000).contains($0) })
        #expect(times.min() ?? 0 < 23_000 && times.max() ?? 0 > 52_000)
        let compensated = try await run.value(#"sum(count_over_time({service="tasks"} |= "task compensated" [15m]))"#)
        #expect(try await run.lines(#"{service="payments"} |= "ledger overloaded""#).count >= Int(compensated) * 3)
        let settlements =
            #"resource.service.name = "payments" && kind = server && name = "POST /v1/settlements" && status = error"#
        #expect(try await run.traces("{ \(settlements) }") == compensated)
        #expect(try await run.traces("{ \(settlements) } > { duration >= 0ns }") == 0, "it has no child")
        let calls = #"resource.service.name = "tasks" && kind = client && name = "POST /v1/settlements""#
        #expect(try await run.traces("{ \(calls) && span.http.request.resend_count = 2 }") == compensated)
        #expect(try await run.traces("{ \(calls) && span.http.request.resend_count > 2 }") == 0)
        #expect(try await run.traces("{ \(calls) } | count() = 3") == compensated)
        let payments = #"resource.service.name = "payments" && kind = server && span.http.response.status_code"#
        let whole = "{ \(settlements) } && { \(payments) = 201 && name = \"POST /v1/reservations\" }"
        #expect(try await run.traces(whole) == compensated)
        let released = "{ \(payments) = 200 && name = \"DELETE /v1/reservations/{id}\" }"
        #expect(try await run.traces(released) == compensated)
        // Two in five of the tasks; of the attempts, three for each of those, two in three.
        let sent = run.requests(of: "sync", in: 20..<55)
        let share = Double(sent.count { $0["as_planned"] == false }) / Double(sent.count)
        #expect((0.32...0.48).contains(share), "\(share)")
        #expect((0.58...0.74).contains(3 * share / (1 + 2 * share)))
    }

    private static func takingAges(_ run: IncidentEvidence) async throws {
        #expect(try await run.value(#"sum(count_over_time({service_namespace="tailspan", level="error"} [15m]))"#) == 0)
        let server = #"resource.service.name = "executor" && kind = server"#
        let slow = try await run.traces("{ \(server) && duration > 150ms }")
        let near = try await run.traces("{ \(server) && duration > 250ms && duration < 650ms }")
        let long = try await run.traces("{ \(server) && duration > 1s }")
        #expect(near * 2 > slow, "most are near 400 ms: \(near) of \(slow)")
        #expect(long >= 1 && long * 4 < near, "some are beyond a second: \(long)")
        let computed = try await run.traces(#"{ name =~ "compute .*" && duration > 100ms }"#)
        #expect(computed * 5 < slow, "it is not computing: \(computed)")
    }

    private static func fiveInAHundred(_ run: IncidentEvidence) async throws {
        let failed = #"{service="tasks"} |= "task failed" |= "429 Too Many" | json"#
        #expect(try await run.value("count(sum by (guild_id) (count_over_time(\(failed) [15m])))") == 1)
        let count = try await run.value(#"sum(count_over_time(\#(failed) | guild_id="g-7" [15m]))"#)
        #expect((28...46).contains(count), "some three dozen: \(count)")
        #expect((0.035...0.065).contains(count / Double(run.requests.count)), "five in a hundred")
        let others = #"sum(count_over_time({service="tasks"} |= "task settled" | json | guild_id="g-7" [15m]))"#
        #expect(try await run.value(others) * 2 < count, "hardly anything else")
        let calls = #"resource.service.name = "tasks" && kind = client && name = "POST /v1/reservations""#
        #expect(try await run.traces("{ \(calls) && span.http.response.status_code = 429 } | count() = 3") == count)
        let told = #"resource.service.name = "gateway" && kind = server && span.http.response.status_code = 429"#
        #expect(try await run.traces("{ \(told) && duration > 1900ms }") == count, "two seconds and a 429")
        for status in [402, 404] {
            let answers =
                #"http_server_request_duration_seconds_count{service="gateway",http_response_status_code="\#(status)"}"#
            #expect(try run.metric(answers) > 5, "\(status) is everyday business")
        }
    }

    private static func workedYesterday(_ run: IncidentEvidence) async throws {
        let started = try await run.lines(#"{service="tasks"} |= "listening""#).compactMap { $0.field("version") }
        // The first start was before the run began.
        #expect(started.suffix(2) == ["0.3.0", "0.2.0"])
        #expect(run.failureTimes.allSatisfy { (25_000..<55_000).contains($0) })
        #expect(run.failureTimes.count > 10)
        let errors = try await run.lines(#"{service="tasks", level="error"}"#)
        #expect(!errors.isEmpty && errors.allSatisfy { $0.field("version") == "0.3.0" })
    }

    private static func acceptedThenNothing(_ run: IncidentEvidence) async throws {
        let consumer = #"resource.service.name = "tasks" && kind = consumer"#
        let slow = try await run.traces("{ \(consumer) && duration > 400ms }")
        #expect(slow > 60)
        let inner = #"{ resource.service.name =~ "executor|payments" && kind = server && duration > 200ms }"#
        #expect(try await run.traces("{ \(consumer) && duration > 400ms } >> \(inner)") * 10 < slow)
        let waited =
            #"{ resource.service.name = "gateway" && kind = server && span.http.response.status_code = 201 && duration > 390ms }"#
        #expect(try await run.traces(waited) * 10 < slow, "those whose callers wait are as quick as before")
        for status in ["5..", "4.."] {
            let answers =
                #"sum(count_over_time({service="gateway"} |= "request completed" | json | status=~"\#(status)" [15m]))"#
            #expect(try await run.value(answers) == 0)
        }
    }

    private static func standingStill(_ run: IncidentEvidence) async throws {
        let statement = #"span.db.system.name = "sqlite" && duration > 150ms"#
        let hit = try await run.traces("{ \(statement) }")
        #expect((6...15).contains(hit), "about ten are hit: \(hit)")
        let inserts = #"resource.service.name = "payments" && name = "INSERT reservations" && duration > 590ms"#
        #expect(try await run.traces("{ \(inserts) && \(statement) }") == hit)
        let waiting = try await run.traces(
            "{ kind = client && duration > 150ms } > { kind = server && duration < 50ms }")
        #expect(waiting > 3 * hit, "few are hit and all wait: \(waiting) wait, \(hit) are hit")
        #expect(try await run.value(#"sum(count_over_time({service_namespace="tailspan", level="error"} [15m]))"#) == 0)
        let elsewhere =
            #"{ kind = client && duration > 150ms } > { resource.service.name = "executor" && kind = server && duration < 50ms }"#
        #expect(try await run.traces(elsewhere) * 4 < waiting, "it is payments that takes nothing up")
    }

    private static func tracesCutShort(_ run: IncidentEvidence) async throws {
        let settlement = #"resource.service.name = "payments" && kind = server && name = "POST /v1/settlements""#
        let torn = try await run.traces(#"{ \#(settlement) && rootServiceName = "payments" }"#)
        let all = Double(run.requests.count { ($0["at_ms"]?.integer).map { (15_000..<45_000).contains($0) } ?? false })
        #expect((0.5...0.7).contains(torn / all), "about three in five: \(torn) of \(all)")
        // The halves have a request id in common, and no trace id.
        let lines = try await run.lines(#"{service="payments"} |= "POST /v1/settlements""#)
        let whole = Set(run.requests.compactMap { $0["trace_id"]?.string })
        let line = try #require(lines.first { $0.requestID != nil && $0.traceID.map { !whole.contains($0) } ?? false })
        let joined = try await run.lines(#"{service_namespace="tailspan"} |= "\#(line.requestID ?? "")""#)
        #expect(Set(joined.compactMap(\.service)) == Set(ServiceRole.allCases.map(\.rawValue)))
        let others = Set(joined.filter { $0.service != "payments" }.compactMap(\.traceID))
        #expect(others.count == 1)
        #expect(
            others.isDisjoint(
                with: joined.filter { $0.service == "payments" && $0.traceID == line.traceID }.compactMap(\.traceID)))
    }

    private static func noNews(_ run: IncidentEvidence) async throws {
        let settled = try await run.value(#"sum(count_over_time({service="tasks"} |= "task settled" [15m]))"#)
        #expect(settled == 360)
        func completed(_ role: ServiceRole) async throws -> Double {
            try await run.value(#"sum(count_over_time({service="\#(role)"} |= "request completed" |= "POST" [15m]))"#)
        }
        #expect(try await completed(.payments) == 2 * settled)
        #expect(try await completed(.tasks) == settled)
        #expect(try await completed(.executor) < 0.75 * settled, "far fewer")
        #expect(try await run.traces(#"{ resource.service.name = "executor" && kind = server }"#) == settled)
        #expect(try run.metric(#"tailspan_log_lines_dropped_total{service="executor",sink="file"}"#) > 0)
        #expect(try run.metric(#"tailspan_log_lines_dropped_total{service!="executor"}"#) == 0)
        try await ordinaryRequest(run)
    }

    /// Of one ordinary request docs/RUNNING.md says how many spans and lines it leaves in how many services: that of a caller that
    /// sends no span of its own.
    private static func ordinaryRequest(_ run: IncidentEvidence) async throws {
        let text = try #require(Files.text(ExercisePage.root + "/docs/RUNNING.md"))
        let said = try #require(text.firstMatch(of: /(\d+) services, (\d+) spans, (\d+) log lines, no errors/))
        // Before anything went wrong.
        let request = try #require(run.requests(of: "sync", in: 2..<8).first?["trace_id"]?.string)
        let spans = try #require(try await run.pocket.tempo.trace(id: request)).spans.filter {
            ServiceRole(rawValue: $0.service) != nil
        }
        let lines = try await run.lines(LokiClient.query(traceID: request))
        #expect(Set(spans.map(\.service)).count == Int(said.1))
        #expect(spans.count == Int(said.2))
        #expect(lines.count == Int(said.3))
    }
}
