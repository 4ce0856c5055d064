import Encoding
import HTTP
import ServiceTesting
import Testing
import Vocabulary
import Workload

/// The alerts' queries, run against real backends.
@Suite("The queries of the alerts", .serialized) struct AlertQueryTests {
    @Test func alertQueriesDetectTheirProblem() async throws {
        let rules = try AlertFiles.grafanaRules()
        let expressions = try rules.map { try AlertFiles.condition($0).expression }
        try await withLiveBackends(needsPrometheus: false) { backends in
            _ = try await SampleTraffic(backends: backends).send()

            // The lines of the two arrive one after the other. A refused call is an error of its caller.
            let errors = try await Self.answer(expressions[0], backends) {
                $0["tasks"] ?? 0 > 0 && $0["gateway"] ?? 0 > 0
            }
            #expect(errors["gateway"] ?? 0 > 0, "\(errors)")
            #expect(errors.keys.allSatisfy { ServiceRole(rawValue: $0) != nil }, "\(errors)")

            let compensations = try await Self.answer(expressions[2], backends) { $0["", default: 0] > 0 }
            #expect(compensations[""] ?? 0 > 0)

            // All four have written; one that does not exist has not.
            let silent = expressions[1]
            let heard = try await Self.answer(silent, backends) { $0.isEmpty }
            #expect(heard.isEmpty, "\(heard)")
            let missing = silent.replacing(#"service="executor""#, with: #"service="nobody""#)
            #expect(missing != silent)
            #expect(try await Self.answer(missing, backends) { _ in true } == ["nobody": 1])
            // Where nobody writes, nobody is missed.
            let elsewhere = missing.replacing("tailspan", with: "elsewhere")
            #expect(try await Self.answer(elsewhere, backends) { _ in true }.isEmpty)
        }
    }

    /// The default mix of `tailspan load`, with its unknown guilds, empty accounts and bad bodies. A minute's requests are
    /// sent within seconds, so that a one-minute window holds all of them.
    @Test func alertQueriesAreSilentWhileAllIsWell() async throws {
        let rules = try AlertFiles.expressions()
        try await withLiveBackends(needsPrometheus: false) { backends in
            let plan = try LoadPlan(seed: 4, rate: 300, limit: .requests(1200))
            #expect(plan.mix == .usual)
            let begin = WallClock.system.now()
            let report = await LoadRunner(plan: plan, clock: .monotonic(backends.loop)) { request in
                let response = try await backends.client.execute(
                    HTTPClient.Request(
                        method: .post, url: backends.gateway + request.uri, headers: request.headers, body: request.body
                    ),
                    timeout: .seconds(30))
                return LoadAnswer(status: response.status, traceID: response.headers[Header.traceID])
            }.run()
            #expect(report.unexpected + report.failed + report.dropped == 0)
            // The refusals are there to be counted, if anybody counted them.
            let refused =
                #"sum by (service) (count_over_time({service="gateway"} |= "request completed" | status >= 400 [5m]))"#
            let counted = try await Self.answer(refused, backends) { $0["gateway"] ?? 0 > 60 }
            #expect(counted["gateway"] ?? 0 > 60, "\(counted)")
            let end = WallClock.system.now()
            for (name, expression) in rules {
                for time in stride(from: begin, through: end + 60_000_000_000, by: 5_000_000_000) {
                    let values = try await Self.values(expression, at: time, backends)
                    #expect(values.isEmpty, "\(name): \(values)")
                }
            }
        }
    }

    /// The values by service.
    /// - Parameter time: nanoseconds since the Unix epoch; `nil` for now.
    private static func values(
        _ expression: String, at time: UInt64? = nil, _ backends: LiveBackends
    ) async throws -> [String: Double] {
        let url =
            backends.loki + "/loki/api/v1/query?query=" + PercentEncoding.encode(expression)
            + (time.map { "&time=\($0)" } ?? "")
        var values: [String: Double] = [:]
        for series in try await backends.get(url)["data"]?["result"]?.array ?? [] {
            values[series["metric"]?["service"]?.string ?? ""] = series["value"]?[1]?.string.flatMap { Double($0) }
        }
        return values
    }

    /// The values by service, once they are as they should be or time is up.
    private static func answer(
        _ expression: String, _ backends: LiveBackends, until isGood: ([String: Double]) -> Bool
    ) async throws -> [String: Double] {
        let end = ContinuousClock.now + .seconds(20)
        while true {
            let values = try await values(expression, backends)
            if isGood(values) || ContinuousClock.now > end { return values }
            await pause(microseconds: 200_000)
        }
    }
}
