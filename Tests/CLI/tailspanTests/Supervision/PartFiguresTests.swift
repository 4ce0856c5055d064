import Testing

@testable import Supervision

@Suite("The figures of a part")
struct PartFiguresTests {
    /// Counters as a service exposes them: so many requests of each status, and so many up to each bound.
    private func counters(_ counts: [Int: Int], _ buckets: [(String, Int)] = []) -> PartCounters {
        let name = "http_server_request_duration_seconds"
        var text = "# TYPE \(name) histogram\n"
        for (status, count) in counts {
            text += #"\#(name)_count{http_response_status_code="\#(status)"} \#(count)"# + "\n"
        }
        for (bound, count) in buckets {
            text += #"\#(name)_bucket{http_route="/v1/tasks",le="\#(bound)"} \#(count)"# + "\n"
        }
        return PartCounters(metrics: text)
    }

    @Test("The figures are requests a second, the share of 5xx answers and Prometheus's p95")
    func theFiguresAreRateFailuresAndP95() throws {
        let before = counters([201: 100, 502: 10], [("0.01", 100), ("0.1", 110), ("+Inf", 110)])
        let now = counters([201: 180, 404: 10, 502: 20], [("0.01", 190), ("0.1", 210), ("+Inf", 210)])
        let figures = try #require(PartFigures(now, since: before, in: .seconds(10)))
        #expect(figures.rate == 10)
        #expect(figures.failed == 0.1)
        // 95 of 100: the fifth of the ten between 10 and 100 ms.
        #expect(figures.p95 == .milliseconds(55))
    }

    @Test("Figures without data are absent")
    func figuresWithoutDataAreAbsent() throws {
        let some = counters([201: 5], [("0.01", 5), ("+Inf", 5)])
        let idle = try #require(PartFigures(some, since: some, in: .seconds(1)))
        #expect(idle.rate == 0)
        #expect(idle.failed == nil)
        #expect(idle.p95 == nil)
        let slow = try #require(
            PartFigures(counters([201: 10], [("0.01", 5), ("+Inf", 10)]), since: some, in: .seconds(1)))
        #expect(slow.p95 == nil)
        #expect(PartFigures(some, since: counters([201: 9]), in: .seconds(1)) == nil)
    }

    @Test("The window is ten seconds long and starts again with the part")
    func theWindowIsTenSecondsLong() throws {
        var window = FigureWindow()
        #expect(window.add(counters([200: 1000]), at: .seconds(0)) == nil)
        #expect(window.add(counters([200: 1010]), at: .seconds(1))?.rate == 10)
        for second in 2...30 {
            // From here on nothing comes.
            let added = window.add(counters([200: 1010]), at: .seconds(second))
            let figures = try #require(added)
            #expect((figures.rate == 0) == (second >= 11), "\(second)")
        }
        #expect(window.add(counters([200: 3]), at: .seconds(31)) == nil)
        #expect(window.add(counters([200: 5]), at: .seconds(32))?.rate == 2)
    }
}
