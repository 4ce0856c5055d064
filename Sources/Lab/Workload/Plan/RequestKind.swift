import Contracts
import HTTP
import Vocabulary

/// What a request of the load is meant to bring about.
package enum RequestKind: String, MixChoice {
    /// A task that is done before the answer comes.
    case sync
    /// A task that is queued: 202.
    case async
    /// A guild that does not exist.
    case unknownGuild = "unknown-guild"
    /// More money than the guild has: 402.
    case poor
    /// A body that is not valid.
    case badBody = "bad-body"

    /// Whether `status` is what a service without faults answers.
    package func expects(_ status: HTTPStatus) -> Bool {
        switch self {
        case .sync: status == .ok || status == .created
        case .async: status == .accepted
        case .unknownGuild: status == .notFound
        case .poor: status == .paymentRequired
        case .badBody: status == .badRequest || status == .unprocessableContent
        }
    }
}

extension WorkloadSpec.Kind: MixChoice {
    /// Sizes that take the executor up to a few milliseconds, built for release or not.
    var usualSizes: ClosedRange<Int> {
        switch self {
        case .sha256: 100...1000
        case .primes: 1000...20_000
        case .mandelbrot: 100...1000
        case .sort: 500...5000
        }
    }
}

/// What the executor is asked to compute.
package typealias ComputationKind = WorkloadSpec.Kind
