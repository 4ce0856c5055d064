import Encoding
import Glibc

/// How a delay is sampled. A sample lies between 0 and ``longest`` and is rounded to the microsecond, so platform
/// differences in the last bit of a logarithm do not matter.
package enum Distribution: Sendable, Equatable, CustomStringConvertible {
    case fixed(Duration)
    case uniform(Duration, Duration)
    case normal(mean: Duration, deviation: Duration)
    /// Given by its median and its 99th percentile.
    case lognormal(p50: Duration, p99: Duration)
    case pareto(least: Duration, alpha: Double)

    /// Longer samples are capped.
    package static let longest: Duration = .seconds(60)

    /// The 99th percentile of the standard normal distribution.
    static let z99 = 2.326_347_874_040_841

    /// Samples from two numbers in the range 0 ..< 1.
    package func sample(_ first: Double, _ second: Double) -> Duration {
        let seconds: Double =
            switch self {
            case .fixed(let duration): duration.seconds
            case .uniform(let low, let high): low.seconds + (high.seconds - low.seconds) * first
            case .normal(let mean, let deviation):
                mean.seconds + deviation.seconds * Self.standardNormal(first, second)
            case .lognormal(let p50, let p99):
                p50.seconds
                    * exp(log(p99.seconds / p50.seconds) / Self.z99 * Self.standardNormal(first, second))
            case .pareto(let least, let alpha): least.seconds / pow(1 - first, 1 / alpha)
            }
        let microseconds = (min(max(seconds, 0), Self.longest.seconds) * 1e6).rounded()
        return .microseconds(Int64(microseconds))
    }

    /// The Box–Muller transform.
    private static func standardNormal(_ first: Double, _ second: Double) -> Double {
        sqrt(-2 * log(1 - first)) * cos(2 * .pi * second)
    }

    package var description: String {
        switch self {
        case .fixed(let duration): RuleText.text(duration)
        case .uniform(let low, let high): "uniform(\(RuleText.text(low)),\(RuleText.text(high)))"
        case .normal(let mean, let deviation): "normal(\(RuleText.text(mean)),\(RuleText.text(deviation)))"
        case .lognormal(let p50, let p99): "lognormal(p50=\(RuleText.text(p50)),p99=\(RuleText.text(p99)))"
        case .pareto(let least, let alpha):
            "pareto(\(RuleText.text(least)),\(Int64(exactly: alpha).map(String.init) ?? String(alpha)))"
        }
    }
}
