import OTel
import Testing

@testable import FaultInjection

/// The vectors that another implementation can be held against.
@Suite struct FaultDecisionTests {
    @Test func ruleReadsBack() throws {
        let text =
            "payments.settle:latency=lognormal(p50=100ms,p99=2s),rate=30%,match=guild_id:g-7,from=10s,for=30s,id=x,seed=7"
        let rule = try FaultRule(parsing: text)
        #expect(rule.description == text)
        #expect(try FaultRule(parsing: rule.description) == rule)
    }

    @Test func rateIsExactInTheLongRun() throws {
        var hits = 0
        for index in 0..<100_000 {
            let traceID = TraceID(high: UInt64(index) &* 0x9E37_79B9_7F4A_7C15, low: UInt64(index + 1))
            if FaultDecision(seed: 7, ruleID: "payments-error", traceID: traceID).isHit(rate: 0.3) { hits += 1 }
        }
        // Five standard deviations.
        #expect(abs(hits - 30_000) < 725)
    }
}
