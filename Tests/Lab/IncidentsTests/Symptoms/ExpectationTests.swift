import Testing

@testable import Incidents

@Suite("The expectation of a number")
struct ExpectationTests {
    @Test(
        "An expectation compares a value",
        arguments: [
            ("> 10", 10.5, true), ("> 10", 10, false), (">= 10", 10, true), (">=10", 9.9, false), ("< 5", 4, true),
            ("<5", 5, false), ("<= 5", 5, true), ("== 0", 0, true), ("== 0", 0.1, false), ("!= 0", 1, true),
            ("!= 0", 0, false), ("between 5 and 20", 5, true), ("between 5 and 20", 20, true),
            ("between 5 and 20", 20.5, false), ("between -1 and 0.5", 0, true), ("> -3", -2, true),
            ("  ==   1e3 ", 1000, true),
        ])
    func anExpectationComparesAValue(text: String, value: Double, isMet: Bool) throws {
        let expectation = try #require(Expectation(text))
        #expect(expectation.holds(for: value) == isMet)
        #expect(Expectation(expectation.description) == expectation)
    }

    @Test(
        "A text without a comparison is refused",
        arguments: [
            "", "10", "= 10", ">", "> ten", "> 1 2", "between 1", "between 5 and 1", "between 1 or 2", "=> 3", "> nan",
        ])
    func aTextWithoutAComparisonIsRefused(text: String) { #expect(Expectation(text) == nil) }
}

@Suite("The selector of a metric")
struct MetricSelectorTests {
    @Test("A selector matches the name, the labels and the service")
    func aSelectorMatchesNameLabelsAndService() throws {
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
        "A malformed selector is refused",
        arguments: [
            "", "{a=\"b\"}", "1up", "up{", "up{a}", "up{a=b}", "up{a=\"b\"", "up{a=\"b\"} 1", "sum(up)", "up{a=~\"b\"}",
            "up{service=\"gatway\"}", "up{a=\"b\" c=\"d\"}",
        ])
    func aMalformedSelectorIsRefused(text: String) {
        let error = #expect(throws: MetricSelector.Misfit.self) { try MetricSelector(text) }
        #expect(error?.description.isEmpty == false)
    }
}
