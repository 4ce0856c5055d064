import Testing

/// The helper with which the other tests read provisioned files.
@Suite("The text that Grafana interpolates") struct GrafanaTextTests {
    @Test(arguments: [
        ("rate({a=~\"$service\"}[$__rate_interval])", "rate({a=~\"x|y\"}[1m])"),
        ("${service:pipe} ${service} [[service]]", "x|y x|y x|y"),
        ("$services $$ ${unknown} $unknown", "$services $$ ${unknown} $unknown"),
        ("[$__range] ${__range_s}s [5m] [[", "[15m] 900s [5m] [["),
        // Groups of a regular expression are no variables.
        ("$1 $2", "$1 $2"),
    ])
    func variablesAreFilledIn(_ written: String, _ expected: String) {
        #expect(GrafanaText(written).filled(["service": "x|y"]) == expected)
    }

    @Test func theVariablesOfATextAreNamed() {
        let text = GrafanaText("$a ${b:regex} [[c]] ${__field.labels.service} ${__data.fields[\"Trace ID\"]} $1")
        #expect(text.names == ["a", "b", "c", "__field.labels.service"])
    }
}
