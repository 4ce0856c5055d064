import Contracts
import Encoding
import Foundation
import HTTP
import Synchronization
import Testing
import Vocabulary
import Workload

@testable import Verification

@Suite("The run of a verification") struct VerificationRunTests {
    private func run(
        _ configuration: VerificationConfiguration = .fake(), _ behaviour: FakeEnvironment.Behaviour = .init(),
        progress: @escaping @Sendable (VerificationProgress) -> Void = { _ in }
    ) async throws -> (VerificationReport, FakeEnvironment) {
        let environment = FakeEnvironment(configuration, behaviour)
        let run = VerificationRun(
            configuration, transport: environment, clock: environment.clock, wallClock: environment.wallClock)
        return (try await run.run(progress: progress), environment)
    }

    private func violated(_ report: VerificationReport) -> Set<Int> {
        Set(report.results.filter { !$0.findings.violations.isEmpty }.map(\.rule.number))
    }

    @Test func aFaultlessEnvironmentPasses() async throws {
        let seen = Mutex<[VerificationProgress]>([])
        let (report, environment) = try await run { progress in seen.withLock { $0.append(progress) } }
        #expect(report.isPassed, "\(report.results.flatMap(\.findings.violations))")
        #expect(report.requestCount == 9)
        #expect(report.linkedPercent == 100)
        #expect(!report.isCutShort)
        #expect(report.results.allSatisfy { $0.findings.checked > 0 && !$0.isSkipped })
        #expect(report.surprises.isEmpty)

        let posts = environment.requests.filter { $0.method == .post }
        #expect(posts.count == 9)
        #expect(posts.allSatisfy { $0.headers["traceparent"]?.hasSuffix("-03") == true })
        #expect(Set(posts.compactMap { $0.headers["x-request-id"] }).count == 9)
        #expect(posts.allSatisfy { $0.headers["idempotency-key"]?.hasPrefix("verify-") == true })
        let polls = environment.requests.filter { $0.url.hasPrefix("http://gateway/v1/tasks/") }
        #expect(polls.count == 4, "two tasks, each done at the second look")
        #expect(polls.allSatisfy { $0.headers["traceparent"]?.hasSuffix("-00") == true })
        #expect(Set(polls.compactMap { $0.headers["traceparent"] }).count == 4)

        let phases = seen.withLock { $0 }
        #expect(Set(phases.map(\.phase)) == Set(VerificationProgress.Phase.allCases))
        #expect(phases.last == VerificationProgress(.collecting, 9, of: 9))
    }

    @Test func theIDsDependOnTheSeedAlone() throws {
        let first = VerificationPlan(seed: 1, count: 40).requests
        #expect(first == VerificationPlan(seed: 1, count: 40).requests)
        let ids = Set(first.map(\.traceID))
        #expect(ids.count == 40)
        #expect(ids.isDisjoint(with: VerificationPlan(seed: 2, count: 40).requests.map(\.traceID)))
        let kinds = Set(first.map { "\($0.kind) \($0.computation)" })
        #expect(kinds.count == RequestKind.allCases.count * WorkloadSpec.Kind.allCases.count)
        let load = try LoadPlan(seed: 1, rate: 1, limit: .requests(40))
        #expect(ids.isDisjoint(with: load.requests.map(\.traceID)), "a load of the same seed has ids of its own")
    }

    @Test(arguments: [true, false], [2, 40])
    func lateSpansAndLinesAreWaitedFor(_ saysWhatWaits: Bool, _ seconds: Int) async throws {
        var behaviour = FakeEnvironment.Behaviour()
        behaviour.arrivalDelay = .seconds(seconds)
        behaviour.saysWhatWaits = saysWhatWaits
        let (report, _) = try await run(.fake(), behaviour)
        #expect(report.isPassed)
        #expect(!report.isCutShort)
    }

    @Test func eachTraceIsLookedUpOnce() async throws {
        let (_, environment) = try await run()
        let count = environment.requests.count { $0.url.hasPrefix("http://tempo/api/") }
        #expect(count == 10, "one to see that the seed is new, then one a trace")
    }

    @Test func aFailedQuestionIsAskedAgain() async throws {
        var behaviour = FakeEnvironment.Behaviour()
        behaviour.hiccups = 5
        #expect(try await run(.fake(), behaviour).0.isPassed)
    }

    @Test func dataThatNeverArrivesIsReported() async throws {
        var behaviour = FakeEnvironment.Behaviour()
        behaviour.arrivalDelay = .seconds(100)
        let (report, _) = try await run(.fake(), behaviour)
        #expect(violated(report) == [1])
        #expect(report.spanCount == 0)
        #expect(report.linkedPercent == nil)
        #expect(report.summary == "9 requests, 0 spans, 0 lines: none linked, 9 violations")
    }

    @Test func aVerdictOnDataStillArrivingIsMarkedUncertain() async throws {
        var behaviour = FakeEnvironment.Behaviour()
        behaviour.trickle = .seconds(4)
        let (report, _) = try await run(.fake(deadline: .seconds(20)), behaviour)
        #expect(report.verdict == .incomplete)
        #expect(!report.isPassed)
        #expect((1..<9).contains(report.openCount))
        #expect(!report.summary.contains("linked"), "a share of what has come so far says nothing")
        #expect(
            report.summary.hasPrefix("incomplete: spans or lines were still arriving when the deadline passed (so far ")
        )
        // Given the time, the same passes.
        #expect(try await run(.fake(deadline: .seconds(90)), behaviour).0.verdict == .passed)
    }

    /// The data is complete at the last look but not confirmed, so one more look decides.
    @Test func dataThatArrivesAtTheDeadlineGetsOneMoreLook() async throws {
        var behaviour = FakeEnvironment.Behaviour()
        behaviour.arrivalDelay = .seconds(20)
        let (report, environment) = try await run(.fake(deadline: .seconds(20)), behaviour)
        #expect(report.verdict == .passed)
        #expect(report.linkedPercent == 100)
        #expect(environment.clock.now() < .seconds(22))
    }

    @Test func violationsAreFinalWhenNothingMoreArrives() async throws {
        var behaviour = FakeEnvironment.Behaviour()
        behaviour.distort = { index, parts in
            if index == 4 { parts.lines.removeAll { $0.service == "payments" } }
        }
        let (report, environment) = try await run(.fake(), behaviour)
        #expect(violated(report) == [5])
        #expect(!report.isCutShort)
        #expect(environment.clock.now() < .seconds(20), "it does not wait for the deadline")
    }

    @Test func spansStoredTwiceAreNoticed() async throws {
        var behaviour = FakeEnvironment.Behaviour()
        behaviour.distort = { index, parts in
            if index == 2 { parts.trace.spans.append(parts.trace.spans[3]) }
        }
        let (report, _) = try await run(.fake(), behaviour)
        #expect(violated(report).contains(11))
    }

    @Test func otherTrafficIsReported() async throws {
        var behaviour = FakeEnvironment.Behaviour()
        behaviour.otherTraffic = 3
        let (report, environment) = try await run(.fake(), behaviour)
        #expect(report.isPassed)
        #expect(environment.clock.now() < .seconds(20), "what others do is not waited for")
        #expect(report.results.filter(\.isSkipped).map(\.rule.number) == [12])
    }

    @Test func aFailedTaskIsReported() async throws {
        var behaviour = FakeEnvironment.Behaviour()
        behaviour.finalState = "compensated"
        let (report, _) = try await run(.fake(), behaviour)
        #expect(violated(report) == [2])
        #expect(report.surprises.count == 2)
        #expect(report.surprises.first?.what == "task t-1 ended as compensated (x), expected settled")
    }

    @Test func anAnswerWithAFailedTaskIsReported() async throws {
        var behaviour = FakeEnvironment.Behaviour()
        behaviour.syncState = "compensated"
        let (report, _) = try await run(.fake(), behaviour)
        #expect(violated(report) == [2])
        #expect(report.surprises.map(\.what).contains("task t-0 ended as compensated, expected settled"))
        #expect(report.surprises.count == 4)
    }

    @Test func anUnfinishedTaskIsReported() async throws {
        var behaviour = FakeEnvironment.Behaviour()
        behaviour.pollsUntilDone = .max
        let (report, _) = try await run(.fake(deadline: .seconds(20)), behaviour)
        #expect(report.surprises.count == 2)
        #expect(
            report.surprises.allSatisfy { $0.what.contains("was not done at the deadline; its state is executing") })
    }

    @Test func failuresAreToleratedWhenFaultsAreInjected() async throws {
        var configuration = VerificationConfiguration.fake()
        configuration.toleratesFailures = true
        var behaviour = FakeEnvironment.Behaviour()
        behaviour.finalState = "failed"
        let (report, _) = try await run(configuration, behaviour)
        #expect(report.isPassed)
        #expect(report.surprises.count == 2)
    }

    @Test(arguments: ["gateway/metrics", "tempo/api", "loki/loki"])
    func anUnansweredQuestionFailsTheRun(_ address: String) async throws {
        var behaviour = FakeEnvironment.Behaviour()
        behaviour.answers = [address: nil]
        let error = await #expect(throws: BackendError.self) { try await run(.fake(), behaviour) }
        #expect(error?.reason == "could not connect: refused")
    }

    @Test func theRunWaitsABoundedTimeAndNamesWhatDoesNotAnswer() async throws {
        var behaviour = FakeEnvironment.Behaviour()
        behaviour.answers = ["payments/": nil, "tempo/": nil]
        let environment = FakeEnvironment(.fake(), behaviour)
        let subjects = Mutex<Set<String>>([])
        let run = VerificationRun(
            .fake(), transport: environment, clock: environment.clock, wallClock: environment.wallClock)
        let error = await #expect(throws: VerificationError.self) {
            try await run.run { progress in
                if progress.phase == .waitingForTargets { subjects.withLock { _ = $0.insert(progress.subject) } }
            }
        }
        let refused = "could not connect: refused"
        #expect(
            error?.description == "no answer within 10s of payments at http://payments/healthz: \(refused); "
                + "Tempo at http://tempo/ready: \(refused)")
        #expect(subjects.withLock { $0 } == ["", "payments, Tempo"])
        #expect(environment.clock.now() == .seconds(10))
        #expect(!environment.requests.contains { $0.method == .post }, "nothing is sent")
    }

    @Test func theRunBeginsOnceEverythingAnswers() async throws {
        var behaviour = FakeEnvironment.Behaviour()
        behaviour.answersFrom = ["gateway/": .seconds(3), "loki/": .seconds(7), "grafana/": .seconds(2)]
        let (report, environment) = try await run(.fake(), behaviour)
        #expect(report.isPassed, "\(report.results.flatMap(\.findings.violations))")
        #expect(environment.clock.now() > .seconds(7))
    }

    @Test func theRunsOwnSpansAreFoundAndCountedApart() async throws {
        for (areDelivered, lost, expected) in [(true, nil, []), (true, 4, [3]), (false, 4, [])]
            as [(Bool, Int?, Set<Int>)]
        {
            var behaviour = FakeEnvironment.Behaviour()
            behaviour.lostRoot = lost
            let environment = FakeEnvironment(.fake(), behaviour)
            let run = VerificationRun(
                .fake(), transport: environment, clock: environment.clock, wallClock: environment.wallClock,
                roots: .init(
                    recording: { $0 },
                    areDelivered: {
                        environment.storesRoots()
                        return areDelivered
                    }))
            let report = try await run.run()
            #expect(violated(report) == expected, "\(report.results.flatMap(\.findings.violations))")
            let message = report.results[2].findings.violations.first?.message
            let isTold = message?.contains("that the request was sent from, is not in the trace") == true
            #expect(isTold == !expected.isEmpty)
        }
    }

    @Test func aRequestWithOnlyItsRootSpanIsReportedAsMissing() async throws {
        var behaviour = FakeEnvironment.Behaviour()
        behaviour.arrivalDelay = .seconds(100)
        let environment = FakeEnvironment(.fake(), behaviour)
        let run = VerificationRun(
            .fake(), transport: environment, clock: environment.clock, wallClock: environment.wallClock,
            roots: .init(
                recording: { $0 },
                areDelivered: {
                    environment.storesRoots()
                    return true
                }))
        let report = try await run.run()
        #expect(violated(report) == [1], "what the services sent has not arrived")
    }

    @Test func theNotableRequestsAreNamed() async throws {
        let (good, _) = try await run()
        let plan = VerificationPlan(seed: 11, count: 9)
        #expect(good.slowest != nil)
        #expect(good.firstFailure == nil)
        var behaviour = FakeEnvironment.Behaviour()
        behaviour.distort = { index, parts in
            if index >= 4 { parts.lines.removeAll { $0.service == "payments" } }
        }
        let (report, _) = try await run(.fake(), behaviour)
        #expect(report.firstFailure?.traceID == plan.request(at: 4).traceID)
        #expect(report.firstFailure?.outcome == "rule 5")
        let json = try JSONValue(parsing: Array(JSONReport.text(report).utf8))
        #expect(json["first_failure"]?["trace_id"]?.string == plan.request(at: 4).traceID)
        #expect(json["slowest"]?["trace_id"]?.string == report.slowest?.traceID)
    }

    @Test func aGatewayThatAnswersNoRequestFailsTheRun() async throws {
        var behaviour = FakeEnvironment.Behaviour()
        behaviour.answers = ["gateway/v1/": nil]
        let error = await #expect(throws: VerificationError.self) { try await run(.fake(), behaviour) }
        #expect(
            error?.description == "gateway at http://gateway answered no request: could not connect: refused")
    }

    @Test func aSeedThatWasUsedBeforeFailsTheRun() async throws {
        var behaviour = FakeEnvironment.Behaviour()
        behaviour.answers = [
            "tempo/": .init(
                .ok,
                #"{"batches":[{"scopeSpans":[{"spans":[{"traceId":"1","spanId":"2","startTimeUnixNano":"1","endTimeUnixNano":"1"}]}]}]}"#
            )
        ]
        let error = await #expect(throws: VerificationError.self) { try await run(.fake(), behaviour) }
        #expect(error?.description.contains("traces of seed 11: choose another --seed") == true)
    }

    @Test func aStoreThatDiesFailsTheRun() async throws {
        var behaviour = FakeEnvironment.Behaviour()
        behaviour.hiccups = .max
        let error = await #expect(throws: BackendError.self) { try await run(.fake(deadline: .seconds(5)), behaviour) }
        #expect(error?.reason == "answered 500: too busy")
    }

    @Test func aCancelledRunEnds() async throws {
        var behaviour = FakeEnvironment.Behaviour()
        behaviour.arrivalDelay = .seconds(1_000_000)
        var configuration = VerificationConfiguration.fake()
        configuration.deadline = .seconds(100_000_000)
        let (bound, given) = (configuration, behaviour)
        let task = Task { try await run(bound, given) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func theLinksOfAGrafanaAreFollowed() async throws {
        var behaviour = FakeEnvironment.Behaviour()
        behaviour.dataSources = behaviour.dataSources.replacing(#""service_name""#, with: #""app""#)
        let (report, environment) = try await run(.fake(), behaviour)
        #expect(violated(report) == [15])
        let asked = environment.requests.compactMap { $0.query["query"] }.filter { $0.contains("app=") }
        #expect(asked.count == report.results[14].findings.checked)
        #expect(asked.contains { $0.hasPrefix(#"{service_namespace="tailspan", app="payments"} | trace_id=""#) })
    }

    @Test func theQueryOfAClickIsAskedThroughGrafana() async throws {
        let (report, environment) = try await run()
        #expect(report.isPassed)
        let asked = environment.requests.map(\.url).filter { $0.hasPrefix("http://grafana/api/datasources/proxy/uid/") }
            .map { $0.dropFirst("http://grafana/api/datasources/proxy/uid/".count) }
        for path in ["loki/loki/api/v1/query_range?", "tempo/api/v2/traces/", "prometheus/api/v1/labels?match[]="] {
            #expect(asked.contains { $0.hasPrefix(path) }, "\(path)")
        }
        let traces = asked.filter { $0.hasPrefix("tempo/api/v2/traces/") }
        #expect(traces.count == ClickAsker.sample)
        for trace in traces {
            let query = QueryParameters(query: String(trace.split(separator: "?").last ?? ""))
            let start = try #require(query["start"].flatMap(Int64.init))
            let end = try #require(query["end"].flatMap(Int64.init))
            let now = Int64(FakeEnvironment.start / 1_000_000_000)
            #expect(start == now - 3600 - 900, "an hour before what is shown")
            #expect((now + 7200...now + 7260).contains(end), "two hours after it")
        }
        let accepted = environment.requests.filter { $0.url.contains("/api/v2/traces/") }
            .map { $0.headers["accept"] }
        #expect(Set(accepted) == ["application/protobuf"])
    }

    @Test(arguments: [
        (21, "loki/loki/api/v1/labels", true), (21, "tempo/api/search/tags", true), (22, "", false),
    ])
    func theRunSeesWhatAClickShows(_ rule: Int, _ silent: String, _ hasStatus: Bool) async throws {
        var behaviour = FakeEnvironment.Behaviour()
        behaviour.silentSource = silent
        behaviour.protobufStatus = hasStatus
        let (report, _) = try await run(.fake(), behaviour)
        #expect(violated(report) == [rule], "\(report.results.flatMap(\.findings.violations))")
    }

    @Test func anOlderTraceIsOpenedThroughItsLink() async throws {
        var behaviour = FakeEnvironment.Behaviour()
        behaviour.oldTraceAt = FakeEnvironment.start - 3_600_000_000_000
        let (report, environment) = try await run(.fake(), behaviour)
        #expect(report.isPassed, "\(report.results.flatMap(\.findings.violations))")
        #expect(report.results[21].findings.checked == ClickAsker.sample + 1)
        let search = environment.requests.first { $0.url.contains("/tempo/api/search?") }
        let now = FakeEnvironment.start / 1_000_000_000
        #expect(search?.query["start"].flatMap(UInt64.init).map { (now - 4200...now - 4100).contains($0) } == true)
        // A window that ends before the view does hides what is old, though the store still has it.
        behaviour.dataSources = behaviour.dataSources.replacing(
            #""spanEndTimeShift":"2h""#, with: #""spanEndTimeShift":"-16m""#)
        let (short, _) = try await run(.fake(), behaviour)
        #expect(violated(short) == [20])
        #expect(
            short.results[19].findings.violations.contains {
                $0.message.hasPrefix("Tempo does not find a trace of an hour ago where Grafana looks for it")
            })
    }

    /// Host names of the stack's network do not resolve on other machines and must not fail a run.
    @Test func tracesOfAnotherHostAreOpenedAtTheVerifiedStore() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tailspan-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(
            at: folder.appending(path: "datasources"), withIntermediateDirectories: true)
        let file = """
            datasources:
            - {name: L, uid: l, type: loki, url: 'http://loki-of-the-stack:3100'}
            - {name: T, uid: t, type: tempo, url: 'http://tempo-of-the-stack:3200'}
            """
        try Data(file.utf8).write(to: folder.appending(path: "datasources/a.yaml"))
        var configuration = VerificationConfiguration.fake()
        configuration.provisioning = .folder(folder.path, environment: [:])
        let (report, environment) = try await run(configuration)
        let results = Dictionary(uniqueKeysWithValues: report.results.map { ($0.rule.number, $0.findings) })
        #expect(
            results[21]?.notChecked == "L, T: in a network of Grafana's own, where --grafana asks it")
        #expect(results[20]?.violations.isEmpty == true)
        #expect(results[22]?.violations.isEmpty == true)
        #expect(results[22]?.checked == ClickAsker.sample)
        #expect(environment.requests.allSatisfy { !$0.url.contains("-of-the-stack") })
    }

    /// Waiting cannot mend a wrongly provisioned link, so it is reported once all data is there.
    @Test func aBrokenLinkIsReportedAtOnce() async throws {
        let (good, sound) = try await run(.fake())
        #expect(good.isPassed)
        var behaviour = FakeEnvironment.Behaviour()
        let broken = behaviour.dataSources.replacing("$${__value.raw}", with: "").replacing("${__value.raw}", with: "")
        #expect(broken != behaviour.dataSources)
        behaviour.dataSources = broken
        let (report, environment) = try await run(.fake(), behaviour)
        #expect(violated(report) == [14])
        #expect(environment.clock.now() == sound.clock.now())
    }

    @Test func aRefusedQueryIsReported() async throws {
        var behaviour = FakeEnvironment.Behaviour()
        behaviour.dataSources = behaviour.dataSources.replacing("| trace_id", with: "| json | trace_id")
        let (report, _) = try await run(.fake(), behaviour)
        #expect(violated(report) == [15])
        #expect(report.results[14].findings.violations[0].message.contains("is refused: answered 400: parse error"))
    }

    @Test func theRunWorksWithoutLinks() async throws {
        var configuration = VerificationConfiguration.fake()
        configuration.provisioning = .none("nobody wants it")
        let (report, environment) = try await run(configuration)
        #expect(report.isPassed)
        #expect(report.results.filter(\.isSkipped).map(\.rule.number) == [13, 14, 15] + Array(20...27))
        #expect(!environment.requests.contains { $0.url.contains("grafana") })
    }

    @Test func theDataSourcesAreReadBeforeAnyRequestIsSent() async throws {
        var behaviour = FakeEnvironment.Behaviour()
        behaviour.answers = ["grafana/": .init(.unauthorized)]
        let environment = FakeEnvironment(.fake(), behaviour)
        let run = VerificationRun(
            .fake(), transport: environment, clock: environment.clock, wallClock: environment.wallClock)
        let error = await #expect(throws: BackendError.self) { try await run.run() }
        #expect(error?.backend == "Grafana")
        #expect(environment.requests.isEmpty)
        var configuration = VerificationConfiguration.fake()
        configuration.provisioning = .folder("/nowhere", environment: [:])
        await #expect(throws: VerificationError.self) { try await self.run(configuration) }
    }
}
