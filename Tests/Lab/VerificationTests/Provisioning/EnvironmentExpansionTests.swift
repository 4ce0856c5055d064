import Encoding
import Testing

@testable import Verification

@Suite("The expansion of environment variables") struct EnvironmentExpansionTests {
    @Test(arguments: [
        ("plain", "plain"), ("$A", "one"), ("${A}", "one"), ("x$A.y", "xone.y"), ("$A_B", "two"), ("$$A", "$A"),
        ("$${__value.raw}", "${__value.raw}"), ("${__value.raw}", ""), ("$MISSING-x", "-x"), ("^a$", "^a$"),
        ("(a|$)", "(a|$)"), ("a$$", "a$"), ("$$$A", "$one"), ("$$$$", "$$"), ("${", ""), ("${}x", "x"), ("$1x", "x"),
        ("${A", "A"), ("$ A", "$ A"), ("é$A", "éone"), ("", ""),
    ])
    func variablesAreExpandedAsInGrafana(_ text: String, _ expected: String) {
        #expect(EnvironmentExpansion.expand(text, ["A": "one", "A_B": "two"]) == expected)
    }

    @Test func nestedTextsAreExpanded() {
        let value: JSONValue = ["a": ["$A", 1, true, nil], "$A": ["b": "$$A"]]
        #expect(GrafanaInterpolation.expand(value, ["A": "x"]) == ["a": ["x", 1, true, nil], "$A": ["b": "$A"]])
    }
}
