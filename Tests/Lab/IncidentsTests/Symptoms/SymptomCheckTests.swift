import Encoding
import HTTP
import Rendering
import Synchronization
import Terminal
import Testing

@testable import Incidents

@Suite("The measurement of symptoms")
struct SymptomCheckTests {
    /// Answers as Loki and Tempo do, by the path.
    private final class Stores: HTTPTransport {
        let asked = Mutex<[String]>([])
        let answers: [String: String]

        init(_ answers: [String: String]) { self.answers = answers }

        func execute(_ request: HTTPClient.Request, timeout: Duration) async throws -> HTTPClient.Response {
            asked.withLock { $0.append(request.url) }
            let path = request.url.split(separator: "?")[0].split(separator: "/").dropFirst(2).joined(separator: "/")
            guard let answer = answers[path] else { return .init(status: .badRequest, body: Array("no".utf8)) }
            return .init(status: .ok, body: Array(answer.utf8))
        }
    }

    private static let window: Range<UInt64> = 1_795_193_683_200_000_000..<1_795_193_690_700_000_001

    private static let answers = [
        "loki/api/v1/query":
            #"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"3"]},{"metric":{"a":"b"},"value":[1,"4.5"]}]}}"#,
        "api/search": #"{"traces":[{"traceID":"1"},{"traceID":"2"}],"metrics":{}}"#,
        "api/metrics/query_range":
            #"{"series":[{"labels":[],"samples":[{"timestampMs":"1","value":5},{"timestampMs":"2","value":1}]}]}"#,
    ]

    private func measure(
        _ symptom: String, _ answers: [String: String] = answers
    ) async throws -> (SymptomResult, [String]) {
        let incident = try SampleIncident.read { $0.symptoms = "[{id: 's', title: 'S', \(symptom)}]" }
        let stores = Stores(answers)
        var metrics = MetricIncreases()
        for (text, service) in [
            ("m_total{code=\"1\"} 2\nm_total{code=\"2\"} 1\n", "tasks"), ("m_total 9\n", "gateway"),
        ] {
            metrics.add("m_total 0\n", of: service)
            metrics.add(text, of: service)
        }
        let check = SymptomCheck(
            loki: "http://loki", tempo: "http://tempo", window: Self.window, metrics: metrics, transport: stores)
        let results = try await check.results(incident.symptoms)
        return (results[0], stores.asked.withLock { $0 })
    }

    @Test("A LogQL symptom sums the samples of an instant query at the window's end")
    func aLogQLSymptomSumsAnInstantQuery() async throws {
        let (result, asked) = try await measure(#"logql: 'sum(rate({a="b"}[$window]))', expect: '== 7.5'"#)
        #expect(result.isSeen)
        let query = try #require(asked.first?.split(separator: "?").last)
        let parameters = QueryParameters(query: String(query))
        #expect(parameters["query"] == #"sum(rate({a="b"}[7501ms]))"#)
        #expect(parameters["time"] == "1795193690700000001")
    }

    @Test("A LogQL symptom without samples is 0, and a refused query is trouble, not a failure")
    func aRefusedLogQLQueryIsTroubleAndNoFailure() async throws {
        let empty = #"{"data":{"resultType":"vector","result":[]}}"#
        let (none, _) = try await measure("logql: 'rate(x)', expect: '== 0'", ["loki/api/v1/query": empty])
        #expect(none.isSeen)
        let (refused, _) = try await measure("logql: 'rate(x)', expect: '== 0'", [:])
        #expect(!refused.isSeen)
        #expect(!refused.couldBeMeasured)
        let (odd, _) = try await measure("logql: 'rate(x)', expect: '== 0'", ["loki/api/v1/query": "{}"])
        #expect(!odd.couldBeMeasured)
    }

    @Test("A TraceQL symptom counts the traces in the whole seconds around the window")
    func aTraceQLSymptomCountsTheTracesOfTheWindow() async throws {
        let (result, asked) = try await measure("traceql: '{ status = error }', expect: '== 2'")
        #expect(result.isSeen)
        #expect(asked.first?.contains("/api/search?") == true)
        #expect(asked.first?.contains("start=1795193683&end=1795193691") == true)
    }

    @Test("A TraceQL metrics symptom sums its series")
    func aTraceQLMetricsSymptomSumsItsSeries() async throws {
        let (result, asked) = try await measure("traceql: '{ status = error } | count_over_time()', expect: '== 6'")
        #expect(result.isSeen)
        #expect(asked.first?.contains("/api/metrics/query_range?") == true)
        #expect(asked.first?.hasSuffix("step=1s") == true)
    }

    @Test(
        "A metric symptom sums the selected increases",
        arguments: [("m_total", 12.0), (#"m_total{service="tasks"}"#, 3), (#"m_total{code="1"}"#, 2), ("n_total", 0)])
    func aMetricSymptomSumsTheSelectedIncreases(selector: String, sum: Double) async throws {
        let (result, _) = try await measure("metric: '\(selector)', expect: '== \(sum)'")
        #expect(result.isSeen)
    }

    @Test("The report states each measurement, also as JSON")
    func theReportStatesEachMeasurement() async throws {
        let (seen, _) = try await measure("metric: 'm_total', expect: '> 1'")
        let (unseen, _) = try await measure("metric: 'm_total', expect: '> 99'")
        let (trouble, _) = try await measure("logql: 'rate(x)', expect: '== 0'", [:])
        #expect(SymptomReport(incident: "sample", results: [seen]).isPassed)
        let report = SymptomReport(incident: "sample", results: [seen, unseen, trouble])
        #expect(!report.isPassed)
        #expect(!report.couldBeMeasured)
        #expect(report.summary == "2 of 3 symptoms are not seen")
        let text = report.lines().map(\.plain)
        #expect(text[1].hasPrefix("s              12  > 1       ok"))
        #expect(text[2].contains("failed"))
        #expect(text[4].contains("Loki at http://loki: answered 400"))
        var json = JSONWriter()
        report.write(to: &json)
        let value = try JSONValue(parsing: json.string)
        #expect(value["passed"] == false)
        #expect(value["symptoms"]?[0]?["measured"] == 12)
        #expect(value["symptoms"]?[2]?["trouble"]?.string?.contains("400") == true)
        #expect(report.junit.contains(#"tests="3" failures="1" errors="1""#))
        #expect(report.junit.contains(#"<failure message="measured 12, expected &gt; 99">m_total</failure>"#))
    }
}
