import Contracts
import Encoding
import HTTP
import ServiceTesting
import Testing

/// The alerts' queries, asked of what really runs.
@Suite(.serialized) struct AlertQueryTests {
    @Test func seeWhatTheyAreAbout() async throws {
        let rules = try AlertFiles.grafanaRules()
        let expressions = try rules.map { try AlertFiles.condition($0).expression }
        try await withLiveBackends { backends in
            _ = try await SampleTraffic(backends: backends).send()

            let errors = try await Self.answer(expressions[0], backends) { $0["tasks"] ?? 0 > 0 }
            #expect(errors["gateway"] ?? 0 > 0, "a refused call is an error of its caller: \(errors)")
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

    /// The values by service, once they are as they should be or time is up.
    private static func answer(
        _ expression: String, _ backends: LiveBackends, until isGood: ([String: Double]) -> Bool
    ) async throws -> [String: Double] {
        let end = ContinuousClock.now + .seconds(20)
        while true {
            let url = backends.loki + "/loki/api/v1/query?query=" + PercentEncoding.encode(expression)
            var values: [String: Double] = [:]
            for series in try await backends.get(url)["data"]?["result"]?.array ?? [] {
                values[series["metric"]?["service"]?.string ?? ""] = series["value"]?[1]?.string.flatMap { Double($0) }
            }
            if isGood(values) || ContinuousClock.now > end { return values }
            await pause(microseconds: 200_000)
        }
    }
}
