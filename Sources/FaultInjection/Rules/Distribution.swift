import Encoding
import Glibc

/// How a delay is drawn. A sample lies between 0 and ``longest`` and is rounded to the microsecond, so that the last bit
/// of a platform's logarithm makes no difference.
package enum Distribution: Sendable, Equatable, CustomStringConvertible {
    case fixed(Duration)
    case uniform(Duration, Duration)
    case normal(mean: Duration, deviation: Duration)
    /// By its median and its 99th percentile.
    case lognormal(p50: Duration, p99: Duration)
    case pareto(least: Duration, alpha: Double)

    /// Longer samples are cut.
    package static let longest: Duration = .seconds(60)

    /// The 99th percentile of the standard normal distribution.
    static let z99 = 2.326_347_874_040_841

    /// Draws with two numbers from 0 to below 1.
    package func sample(_ first: Double, _ second: Double) -> Duration {
        let seconds: Double =
            switch self {
            case .fixed(let duration): duration.inSeconds
            case .uniform(let low, let high): low.inSeconds + (high.inSeconds - low.inSeconds) * first
            case .normal(let mean, let deviation):
                mean.inSeconds + deviation.inSeconds * Self.standardNormal(first, second)
            case .lognormal(let p50, let p99):
                p50.inSeconds
                    * exp(log(p99.inSeconds / p50.inSeconds) / Self.z99 * Self.standardNormal(first, second))
            case .pareto(let least, let alpha): least.inSeconds / pow(1 - first, 1 / alpha)
            }
        let microseconds = (min(max(seconds, 0), Self.longest.inSeconds) * 1e6).rounded()
        return .microseconds(Int64(microseconds))
    }

    /// Box and Muller's transform.
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

extension Duration {
    var inSeconds: Double { Double(microseconds) / 1e6 }
}
