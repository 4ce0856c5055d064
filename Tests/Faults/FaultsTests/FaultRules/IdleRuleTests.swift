import Testing

@testable import FaultKinds
@testable import FaultRules

/// Rules that are well formed but could never have an effect, or would have too much.
@Suite("Rules that would do nothing, or too much")
struct IdleRuleTests {
    @Test(arguments: [
        ("tasks:wrong-service-name=tasks", "wrong-service-name=tasks: expected another name than the service's own"),
        ("executor:cpu=11s", "cpu=11s: it holds up the service: expected at most 10s"),
        ("executor:pool-exhaustion=61s", "pool-exhaustion=61s: it holds up the service: expected at most 1m"),
        ("payments:lock=1h", "lock=1h: it holds up the service: expected at most 10s"),
        ("payments:clock-skew=+999us", "clock-skew=+999us: expected at least 1ms: lines tell no less"),
        ("payments:huge-line=4095", "huge-line=4095: expected at least 4KiB: less is no huge line"),
    ])
    func anIneffectiveOrExcessiveRuleIsRefused(_ text: String, _ message: String) {
        #expect(throws: FaultRuleError("fault '\(text)': \(message)")) { try FaultRule(parsing: text) }
    }

    @Test(arguments: [
        "tasks:wrong-service-name=payments", "executor:cpu=10s", "executor:pool-exhaustion=1m", "payments:lock=10s",
        "payments:clock-skew=-1ms", "payments:huge-line=4KiB",
    ])
    func aRuleAtALimitIsAccepted(_ text: String) throws { #expect(try FaultRule(parsing: text).description == text) }

    @Test(arguments: ["\u{9B}", "\u{202E}", "\u{2028}", "\u{7F}"])
    func anInvisibleCharacterIsRefused(_ character: String) {
        #expect(throws: FaultRuleError.self) { try FaultRule(parsing: "payments:error=503:a\(character)b") }
    }
}
