import Testing

@testable import Verification

@Suite("The templates of links") struct TemplateTests {
    private func fill(_ text: String) -> Template.Filled {
        Template(text).fill { name, path in
            switch (name, path) {
            case ("a", nil): "A"
            case ("a", "b.c"?): "ABC"
            case ("a", #"b["c.d"]"#?): "D"
            case ("void", nil): ""
            default: nil
            }
        }
    }

    @Test(arguments: [
        ("", ""), ("x", "x"), ("${a}", "A"), ("$a", "A"), ("[[a]]", "A"), ("${a:raw}", "A"), ("[[a:raw]]", "A"),
        ("${a.b.c}", "ABC"), (#"${a.b["c.d"]}"#, "D"), ("${a.b.c:json}!", "ABC!"), ("{$a}", "{A}"), ("$", "$"),
        ("${", "${"), ("${}", "${}"), ("a[0]", "a[0]"), ("[[", "[["), ("100$", "100$"), ("$a$a", "AA"), ("é$a", "éA"),
        ("rate(x[$__range])", "rate(x[$__range])"),
    ])
    func valuesAreFilledIn(_ text: String, _ expected: String) {
        let filled = fill(text)
        #expect(filled.text == expected)
        #expect(filled.undefined.isEmpty)
    }

    @Test func variablesWithoutAValueAreNamed() {
        let filled = fill("${a} ${b} ${void} $c ${a.x}")
        #expect(filled.text == "A ${b}  $c ${a.x}")
        #expect(filled.undefined == ["${b}", "$c", "${a.x}"])
        #expect(filled.empty == ["${void}"])
        #expect(filled.used == ["a", "b", "void", "c", "a.x"])
    }

    @Test(
        arguments: [
            ("-5m", -300_000), ("5m", 300_000), ("1h", 3_600_000), ("100ms", 100), ("2", 2000), ("-1.5s", -1500),
            ("1d", 86_400_000), ("1w", 604_800_000), ("1M", 2_592_000_000), ("0", 0), ("five", nil), ("5x", nil),
            ("m", nil),
            ("", nil), ("1e99h", nil),
        ] as [(String, Int64?)])
    func intervalsAreRead(_ text: String, _ expected: Int64?) {
        #expect(GrafanaInterval.milliseconds(text) == expected)
    }
}
