import Testing

@testable import Incidents

@Suite("What a number must be")
struct ExpectationTests {
    @Test(
        "Comparisons",
        arguments: [
            ("> 10", 10.5, true), ("> 10", 10, false), (">= 10", 10, true), (">=10", 9.9, false), ("< 5", 4, true),
            ("<5", 5, false), ("<= 5", 5, true), ("== 0", 0, true), ("== 0", 0.1, false), ("!= 0", 1, true),
            ("!= 0", 0, false), ("between 5 and 20", 5, true), ("between 5 and 20", 20, true),
            ("between 5 and 20", 20.5, false), ("between -1 and 0.5", 0, true), ("> -3", -2, true),
            ("  ==   1e3 ", 1000, true),
        ])
    func holds(text: String, value: Double, isMet: Bool) throws {
        let expectation = try #require(Expectation(text))
        #expect(expectation.holds(for: value) == isMet)
        #expect(Expectation(expectation.description) == expectation)
    }

    @Test(
        "What is no comparison",
        arguments: [
            "", "10", "= 10", ">", "> ten", "> 1 2", "between 1", "between 5 and 1", "between 1 or 2", "=> 3", "> nan",
        ])
    func refused(text: String) { #expect(Expectation(text) == nil) }
}

@Suite("Which metric is meant")
struct MetricSelectorTests {
    @Test("Name, labels, and the service whose it is")
    func selects() throws {
        let selector = try MetricSelector(#"requests_total{ service = "gateway", code != "200" , route="/v1/{id}"}"#)
        #expect(selector.description == #"requests_total{service="gateway",code!="200",route="/v1/{id}"}"#)
        let labels = ["code": "503", "route": "/v1/{id}"]
        #expect(selector.selects("requests_total", labels, of: "gateway"))
        #expect(!selector.selects("requests_total", labels, of: "tasks"))
        #expect(!selector.selects("requests", labels, of: "gateway"))
        #expect(!selector.selects("requests_total", ["code": "200", "route": "/v1/{id}"], of: "gateway"))
        #expect(!selector.selects("requests_total", ["code": "503"], of: "gateway"))
        #expect(try MetricSelector("up").selects("up", ["a": "b"], of: "tasks"))
    }

    @Test(
        "What is no selector",
        arguments: [
            "", "{a=\"b\"}", "1up", "up{", "up{a}", "up{a=b}", "up{a=\"b\"", "up{a=\"b\"} 1", "sum(up)", "up{a=~\"b\"}",
            "up{service=\"gatway\"}", "up{a=\"b\" c=\"d\"}",
        ])
    func refused(text: String) {
        let error = #expect(throws: MetricSelector.Misfit.self) { try MetricSelector(text) }
        #expect(error?.description.isEmpty == false)
    }
}
