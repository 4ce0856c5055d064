import Vocabulary

/// The argument after the `=` of a kind.
package enum FaultArgument: Sendable, Equatable {
    case none
    case delay(Distribution)
    case duration(Duration)
    case status(Int, message: String?)
    case bytes(Int)
    /// Bytes per second.
    case bytesPerSecond(Int)
    case count(Int)
    /// From 0 to 1.
    case share(Double)
    /// The upstream; `nil` for every upstream.
    case upstream(ServiceRole?)
    case name(String)

    /// The form of argument that a kind takes.
    package enum Form: Sendable, Equatable {
        case none
        /// A duration or a distribution; required.
        case delay
        case duration(default: Duration)
        /// Signed; required.
        case signedDuration
        case status(default: Int)
        case bytes(default: Int)
        /// Required.
        case rate
        case count(default: Int, ClosedRange<Int>)
        case share(default: Double)
        case upstream
        case name(default: String)

        /// The default if a rule omits the argument; `nil` if it is required.
        var standard: FaultArgument? {
            switch self {
            case .none: FaultArgument.none
            case .delay, .signedDuration, .rate: nil
            case .duration(let duration): .duration(duration)
            case .status(let code): .status(code, message: nil)
            case .bytes(let count): .bytes(count)
            case .count(let count, _): .count(count)
            case .share(let share): .share(share)
            case .upstream: .upstream(nil)
            case .name(let name): .name(name)
            }
        }

        /// The placeholder in help, such as `DELAY`; `nil` for no argument.
        package var placeholder: String? {
            switch self {
            case .none: nil
            case .delay: "DELAY"
            case .duration: "DURATION"
            case .signedDuration: "±DURATION"
            case .status: "STATUS[:MESSAGE]"
            case .bytes: "SIZE"
            case .rate: "SIZE/s"
            case .count: "COUNT"
            case .share: "SHARE"
            case .upstream: "UPSTREAM"
            case .name: "NAME"
            }
        }

        /// The default as it would be written in a rule; `nil` if the argument is required or not allowed.
        package var standardText: String? {
            guard self != .none, let standard else { return nil }
            if case .upstream(nil) = standard { return "every upstream" }
            return RuleText.text(standard)
        }

        /// What is expected, for help and messages.
        package var expectation: String {
            switch self {
            case .none: "no argument"
            case .delay:
                "a delay: 200ms, uniform(50ms,200ms), normal(200ms,50ms), lognormal(p50=100ms,p99=2s) or pareto(50ms,1.5)"
            case .duration: "a duration above zero and up to 24h, such as 200ms, 5s or 1m"
            case .signedDuration: "a duration with its sign, such as +5s or -200ms, not zero"
            case .status: "a status from 400 to 599, and a message if wanted: 503 or 503:\"closed for today\""
            case .bytes: "a size from 1 to 1GiB, such as 512, 64KiB or 1MiB"
            case .rate: "bytes a second, at least one, such as 200B/s or 4KiB/s"
            case .count(_, let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
            case .share: "a share from 0% to less than 100%"
            case .upstream: "the name of an upstream that the service calls"
            case .name: "a name of up to 64 letters, digits, '-', '_' and '.'"
            }
        }
    }
}
