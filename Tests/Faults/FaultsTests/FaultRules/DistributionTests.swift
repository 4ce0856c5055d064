import Encoding
import Glibc
import Testing
import TraceContext

@testable import FaultKinds
@testable import FaultRules

@Suite("Delays sampled from a distribution")
struct DistributionTests {
    private static let count = 10_000

    /// Drawn as for so many traces, in order of size.
    private static func samples(_ text: String) throws -> [Double] {
        let rule = try FaultRule(parsing: "payments:latency=\(text),seed=5")
        guard case .delay(let distribution) = rule.argument else { return [] }
        return (0..<count).map { index in
            let trace = TraceID(high: 77, low: UInt64(index + 1))
            return Double(
                FaultDecision(seed: 5, ruleID: rule.id, traceID: trace).sample(distribution).wholeMicroseconds)
                / 1e6
        }
        .sorted()
    }

    /// Which share of the samples lies below `value` must be `share`, within five standard deviations.
    private static func expect(_ samples: [Double], below value: Double, _ share: Double, _ note: Comment) {
        let found = Double(samples.count { $0 < value }) / Double(samples.count)
        let deviation = (share * (1 - share) / Double(samples.count)).squareRoot()
        #expect(abs(found - share) < 5 * deviation, note)
    }

    @Test("Quantiles of samples match the distribution", arguments: [0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99])
    func quantilesMatchTheDistribution(_ share: Double) throws {
        let note: Comment = "at \(share)"
        Self.expect(try Self.samples("uniform(100ms,300ms)"), below: 0.1 + 0.2 * share, share, note)
        Self.expect(try Self.samples("pareto(50ms,1.5)"), below: 0.05 / pow(1 - share, 1 / 1.5), share, note)
        let z = Self.standardNormal(share)
        Self.expect(try Self.samples("normal(1s,200ms)"), below: 1 + 0.2 * z, share, note)
        let logarithm = log(20.0) / Distribution.z99
        Self.expect(try Self.samples("lognormal(p50=100ms,p99=2s)"), below: 0.1 * exp(logarithm * z), share, note)
    }

    @Test("A lognormal has the requested p50 and p99")
    func aLognormalHasTheRequestedPercentiles() throws {
        let samples = try Self.samples("lognormal(p50=100ms,p99=2s)")
        Self.expect(samples, below: 0.1, 0.5, "p50")
        Self.expect(samples, below: 2, 0.99, "p99")
        // Without a spread it is a fixed delay.
        #expect(try Self.samples("lognormal(p50=1s,p99=1s)").allSatisfy { $0 == 1 })
    }

    @Test("Every sample lies between zero and a minute, whatever is drawn")
    func samplesStayWithinZeroAndAMinute() {
        let distributions: [Distribution] = [
            .fixed(.seconds(60)), .uniform(.zero, .seconds(60)), .normal(mean: .zero, deviation: .seconds(60)),
            .lognormal(p50: .seconds(1), p99: .seconds(60)), .pareto(least: .seconds(1), alpha: 0.1),
        ]
        let edge = 1 - 0x1p-53
        for distribution in distributions {
            for first in [0, 0x1p-53, 0.5, edge] {
                for second in [0, 0.25, 0.5, 0.75, edge] {
                    let sample = distribution.sample(first, second)
                    #expect((.zero ... .seconds(60)).contains(sample), "\(distribution) \(first) \(second): \(sample)")
                }
            }
        }
        #expect(Distribution.fixed(.milliseconds(200)).sample(0.1, 0.9) == .milliseconds(200))
    }

    /// The value that a share of the standard normal distribution lies below, by bisection of the error function.
    private static func standardNormal(_ share: Double) -> Double {
        var (low, high) = (-10.0, 10.0)
        for _ in 0..<200 {
            let middle = (low + high) / 2
            if 0.5 * erfc(-middle / 2.0.squareRoot()) < share { low = middle } else { high = middle }
        }
        return low
    }
}
