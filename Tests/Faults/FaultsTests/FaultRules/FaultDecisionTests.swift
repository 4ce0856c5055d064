import Encoding
import Testing
import TraceContext

@testable import FaultRules

/// Properties of all decisions, beyond the vectors. All seeds are fixed, so a bound that holds once always holds.
@Suite("Decisions about which requests a rule hits")
struct FaultDecisionTests {
    private static let count = 12_000

    /// Trace ids as a generator makes them.
    private static let traces: [TraceID] = {
        let random = SplitMix64(seed: 11)
        return (0..<count).map { _ in TraceID(high: random.next(), low: random.next()) }
    }()

    /// Trace ids that differ in their last digits alone.
    private static let neighbours: [TraceID] = (0..<count).map { TraceID(high: 0x4BF9, low: UInt64($0 + 1)) }

    private static func hits(_ rule: String, seed: UInt64 = 0, rate: Double, _ traces: [TraceID] = traces) -> [Bool] {
        traces.map { FaultDecision(seed: seed, ruleID: rule, traceID: $0).isHit(rate: rate) }
    }

    /// How far from its mean a binomial count is, in standard deviations.
    private static func deviations(_ hits: Int, of count: Int, rate: Double) -> Double {
        (Double(hits) - Double(count) * rate) / (Double(count) * rate * (1 - rate)).squareRoot()
    }

    /// The correlation of two series of decisions, in standard deviations of what independence would show.
    private static func correlation(_ left: [Bool], _ right: [Bool]) -> Double {
        let count = Double(left.count)
        let (a, b) = (Double(left.count { $0 }), Double(right.count { $0 }))
        let both = Double(zip(left, right).count { $0 && $1 })
        let spread = (a * (count - a) * b * (count - b)).squareRoot()
        return (count * both - a * b) / spread * count.squareRoot()
    }

    @Test(
        "The hit rate is within five standard deviations of the rule's, for many rules and rates",
        arguments: [false, true])
    func theHitRateMatchesTheRule(areNeighbours: Bool) {
        let traces = areNeighbours ? Self.neighbours : Self.traces
        var squares = 0.0
        var series = 0
        for rule in ["payments-error", "a", "b", "executor-execute-latency", "x-1", "x-2", "x-3"] {
            for rate in [0.001, 0.01, 0.1, 0.3, 0.5, 0.9, 0.999] {
                let hits = Self.hits(rule, seed: 7, rate: rate, traces).count { $0 }
                let deviations = Self.deviations(hits, of: traces.count, rate: rate)
                #expect(abs(deviations) < 5, "\(rule) at \(rate): \(hits) hits")
                squares += deviations * deviations
                series += 1
            }
        }
        // Not too even either: dice are not.
        #expect((0.2...3).contains(squares / Double(series)))
        #expect(!Self.hits("a", rate: 0).contains(true))
        #expect(!Self.hits("a", rate: 1).contains(false))
    }

    @Test("Decisions of different rules, seeds and neighbouring traces are independent")
    func decisionsOfRulesSeedsAndTracesAreIndependent() {
        for traces in [Self.traces, Self.neighbours] {
            for rate in [0.05, 0.3, 0.5] {
                let first = Self.hits("payments-error", rate: rate, traces)
                for other in ["payments-erros", "payments-error-2", "tasks-error", "payments-latency"] {
                    #expect(abs(Self.correlation(first, Self.hits(other, rate: rate, traces))) < 5, "\(other)")
                }
                for seed in [UInt64(1), 2, 256, 1 << 63, .max] {
                    let other = Self.hits("payments-error", seed: seed, rate: rate, traces)
                    #expect(abs(Self.correlation(first, other)) < 5, "seed \(seed)")
                }
                for distance in [1, 2, 16, 256] {
                    let shifted = Array(first.dropFirst(distance)) + first.prefix(distance)
                    #expect(abs(Self.correlation(first, shifted)) < 5, "distance \(distance)")
                }
            }
        }
    }

    @Test("Numbers are uniform (chi-square over 100 classes), and those of one request are independent")
    func numbersAreUniformAndIndependent() {
        for traces in [Self.traces, Self.neighbours] {
            let decisions = traces.map { FaultDecision(seed: 3, ruleID: "r", traceID: $0) }
            for index in 0..<3 {
                var classes = [Int](repeating: 0, count: 100)
                for decision in decisions { classes[Int(decision.number(index) * 100)] += 1 }
                let expected = Double(traces.count) / 100
                let chiSquare = classes.reduce(0.0) {
                    $0 + (Double($1) - expected) * (Double($1) - expected) / expected
                }
                // 99 degrees of freedom: beyond these lie two in a hundred thousand.
                #expect((50...170).contains(chiSquare), "number \(index): \(chiSquare)")
            }
            let words = (0..<3).map { index in decisions.map { $0.number(index) < 0.5 } }
            #expect(abs(Self.correlation(words[0], words[1])) < 5)
            #expect(abs(Self.correlation(words[1], words[2])) < 5)
            #expect(abs(Self.correlation(words[0], words[2])) < 5)
        }
    }

    @Test("A higher rate hits every request that a lower one hits, and more")
    func aHigherRateHitsASupersetOfRequests() {
        var lower = Self.hits("payments-error", rate: 0.01)
        for rate in [0.05, 0.1, 0.5, 0.95] {
            let higher = Self.hits("payments-error", rate: rate)
            #expect(!zip(lower, higher).contains { $0 && !$1 })
            #expect(higher.count { $0 } > lower.count { $0 })
            lower = higher
        }
    }

    @Test("The hash keeps the seed, the rule id and the request id apart")
    func hashInputsAreKeptApart() {
        let trace = TraceID(high: 1, low: 2)
        let decisions = [
            FaultDecision(seed: 0, ruleID: "ab", traceID: trace), FaultDecision(seed: 0, ruleID: "a", traceID: trace),
            FaultDecision(seed: 1, ruleID: "ab", traceID: trace),
            FaultDecision(seed: 0, ruleID: "a", requestID: "bc"), FaultDecision(seed: 0, ruleID: "ab", requestID: "c"),
        ]
        #expect(Set(decisions.map(\.hash)).count == decisions.count)
    }
}
