import Testing

@testable import Verification

@Suite("The metrics that a query names") struct NumberLinksTests {
    @Test(
        arguments: [
            ("rate(a_total{x=\"y{\"}[5m])", ["a_total"]), ("sum by (b) (rate(c[5m])) / on (d) e:f{}", ["c", "e:f"]),
            ("histogram_quantile(0.9, sum by (le) (rate(g_bucket{h=~\"[a]\"}[1m])))", ["g_bucket"]), ("", []),
        ] as [(String, Set<String>)])
    func theMetricsOfAQueryAreFound(_ query: String, _ expected: Set<String>) {
        #expect(NumberLinks.metrics(in: query) == expected)
    }
}
