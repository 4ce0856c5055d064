import Contracts
import HTTP
import Vocabulary

/// The intended outcome of a load request.
package enum RequestKind: String, MixChoice {
    /// A task that is finished before the answer is sent.
    case sync
    /// A task that is queued: 202.
    case async
    /// A guild that does not exist.
    case unknownGuild = "unknown-guild"
    /// More money than the guild has: 402.
    case poor
    /// An invalid body.
    case badBody = "bad-body"

    /// Whether `status` is the answer of a service without faults.
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
    /// Sizes that keep the executor busy for up to a few milliseconds, in debug and release builds.
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
