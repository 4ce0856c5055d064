import Encoding
import Foundation
import ServiceTesting
import Testing
import Vocabulary

@testable import Supervision

/// The figures of panels, compared with the services' own log files.
@Suite("The figures that panels show") struct TrueFigureTests {
    @Test func panelsShowWhatTheServicesWrote() async throws {
        try await withLiveBackends(needsPrometheus: false) { backends in
            guard let layout = backends.layout else { return }
            let services = BusyServices(backends: backends)
            try await services.load()
            try await services.incident()
            let panels = try ShownFigures(backends)
            let end = WallClock.system.now() / 1_000_000_000 + 1
            // A line may come late, to the file as well.
            let folder = layout.logFolder
            try await eventually("all lines are there") {
                try await panels.total(at: end) == Double(WrittenLines(in: folder).lines.count)
            }
            let written = try WrittenLines(in: folder)
            try await eventually("all spans are there") {
                try await panels.spans(at: end) == written.count("executor") { $0.isRequest }
            }
            try await check(written, panels, end)
        }
    }

    private func check(_ written: WrittenLines, _ panels: ShownFigures, _ end: UInt64) async throws {
        let minute = written.since(end - 60)
        let requests = minute.lines.filter { $0.service == "gateway" && $0.isRequest }
        let failed = requests.filter { $0.status >= 500 }
        // There is something to be seen.
        try #require(requests.count > 200 && failed.count > 5)

        let figure = { (panel: String) in try await panels.values(panel, at: end) }
        #expect(try await figure("Requests, A")[""]?.isClose(to: Double(requests.count) / 60) == true)
        let share = Double(failed.count) / Double(requests.count)
        #expect(try await figure("Server errors, A")[""]?.isClose(to: share) == true)
        let duration = Self.quantile(0.95, requests.compactMap(\.duration))
        #expect(try await figure("Duration (p95), A")[""]?.isClose(to: duration) == true)
        let compensated = minute.lines.filter { $0.state == "compensated" }
        #expect(try await figure("Compensated, A")[""] == Double(compensated.count))

        // Of each service: its failures' first, last and number.
        let failures = Dictionary(grouping: written.lines.filter { $0.isRequest && $0.status >= 500 }, by: \.service)
        #expect(failures.count >= 3)
        let milliseconds = { (line: WrittenLine?) in Double((line?.time ?? 0) / 1_000_000) }
        let (first, last, count) = (
            "When callers got errors, A", "When callers got errors, B", "When callers got errors, C"
        )
        #expect(try await figure(first) == failures.mapValues { milliseconds($0.min { $0.time < $1.time }) })
        #expect(try await figure(last) == failures.mapValues { milliseconds($0.max { $0.time < $1.time }) })
        #expect(try await figure(count) == failures.mapValues { Double($0.count) })

        let errors = Dictionary(grouping: minute.lines.filter { $0.level == "error" }, by: \.service)
        let everybody = Dictionary(uniqueKeysWithValues: ServiceRole.allCases.map { ($0.rawValue, 0.0) })
        #expect(
            try await figure("Error lines per minute, A")
                == everybody.merging(errors.mapValues { Double($0.count) }) { $1 })

        try await checkTasksAndMoney(minute, written, figure)
        try await checkSpans(written, panels, end)
    }

    private func checkTasksAndMoney(
        _ minute: WrittenLines, _ written: WrittenLines, _ figure: (String) async throws -> [String: Double]
    ) async throws {
        let ends = minute.lines.filter { $0.service == "tasks" && !$0.state.isEmpty }
        let outcomes = Dictionary(grouping: ends, by: \.state).mapValues { Double($0.count) }
        #expect(Set(outcomes.keys) == ["settled", "failed", "compensated"])
        let shown = try await figure("Outcomes of tasks, A").mapValues { ($0 * 60).rounded() }
        #expect(shown == outcomes)

        for (reference, message) in [
            ("A", "amount reserved"), ("B", "reservation captured"), ("C", "reservation released"),
        ] {
            let sum = minute.lines.filter { $0.message == message }.reduce(0) { $0 + $1.amount }
            let rate = try await figure("Money held, captured, released, \(reference)")[""] ?? 0
            #expect(sum > 0 && (rate * 60).isClose(to: sum), "\(message): \(rate * 60), \(sum)")
        }

        let given = Dictionary(grouping: written.lines.filter { $0.state == "compensated" }, by: \.guild)
            .mapValues { $0.reduce(0) { $0 + $1.amount } }
        let largest = given.values.sorted(by: >).prefix(8)
        let listed = try await figure("Money given back by guild, A")
        #expect(listed.values.sorted(by: >) == Array(largest))
        for (guild, amount) in listed { #expect(given[guild] == amount, "\(guild)") }
    }

    /// Tempo counts the same requests, from their spans.
    private func checkSpans(_ written: WrittenLines, _ panels: ShownFigures, _ end: UInt64) async throws {
        let counted = Dictionary(grouping: written.lines.filter(\.isRequest), by: \.service).mapValues { $0.count }
        #expect(try await panels.spans(of: "traces.json: Request rate by service, A", at: end) == counted)
        let refused = written.lines.filter { $0.service == "gateway" && $0.isRequest && $0.status >= 400 }
        let byStatus = Dictionary(grouping: refused) { String($0.status) }.mapValues { $0.count }
        #expect(byStatus.count > 3)
        #expect(try await panels.spans(of: "Refused and failed requests by status, A", at: end) == byStatus)
    }

    /// As Loki computes it: between the two values that stand around the place.
    private static func quantile(_ share: Double, _ values: [Double]) -> Double {
        let sorted = values.sorted()
        let place = share * Double(sorted.count - 1)
        let (low, high) = (Int(place.rounded(.down)), Int(place.rounded(.up)))
        return sorted[low] + (sorted[high] - sorted[low]) * (place - Double(low))
    }
}

extension Double {
    fileprivate func isClose(to other: Double) -> Bool { abs(self - other) <= 1e-6 * Swift.max(1, abs(other)) }
}
