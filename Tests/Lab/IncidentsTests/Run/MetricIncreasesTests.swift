import Encoding
import Incidents
import Testing

@Suite("The increases of metrics")
struct MetricIncreasesTests {
    private func increase(_ name: String, _ snapshots: [String]) throws -> Double? {
        var metrics = MetricIncreases()
        for snapshot in snapshots { metrics.add(snapshot, of: "tasks") }
        return metrics.sum(try MetricSelector(name))
    }

    @Test("The increase counts from the first snapshot to the last")
    func theIncreaseCountsFromTheFirstSnapshotToTheLast() throws {
        #expect(try increase("a_total", ["a_total 5", "a_total 7", "a_total 12"]) == 7)
        #expect(try increase("a_total", ["a_total 5"]) == nil)
        #expect(try increase("a_total", ["b_total 1", "b_total 1\na_total 3"]) == 3, "new since the start")
    }

    @Test("A counter that falls has been reset; a gauge has fallen")
    func aCounterThatFallsWasResetAndAGaugeFell() throws {
        #expect(try increase("a_total", ["a_total 5", "a_total 9", "a_total 2", "a_total 3"]) == 7)
        #expect(try increase("a_bytes", ["a_bytes 5", "a_bytes 9", "a_bytes 2"]) == -3)
        #expect(try increase("a_total", ["a_total 5", "b 1", "a_total 4"]) == 4, "a series that went and came back")
    }

    @Test("Increases are read back from JSON")
    func increasesAreReadBackFromJSON() throws {
        var metrics = MetricIncreases()
        metrics.add("a_total{x=\"1\"} 1\nb 2\n", of: "tasks")
        metrics.add("a_total{x=\"1\"} 4\nb 2\n", of: "tasks")
        metrics.add(3, to: .init(service: "executor", name: "tailspan_incident_restarts_total"))
        var json = JSONWriter()
        metrics.write(to: &json)
        let read = MetricIncreases(try JSONValue(parsing: json.string))
        #expect(read.increases == metrics.increases)
        #expect(read.sum(try MetricSelector(#"a_total{service="tasks",x="1"}"#)) == 3)
        #expect(read.sum(try MetricSelector("tailspan_incident_restarts_total")) == 3)
    }
}
