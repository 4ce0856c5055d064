import Vocabulary

/// Which requests are sent, and when. The seed determines everything; timing has no influence.
package struct LoadPlan: Sendable, Equatable {
    package let seed: UInt64
    /// Requests per second.
    package let rate: Double
    /// The number of requests.
    package let count: Int
    /// How many requests may be in flight at once; further ones wait, and their latency counts from their due time.
    package let concurrency: Int
    package let mix: Mix<RequestKind>
    package let computations: Mix<ComputationKind>

    /// When a load ends.
    package enum Limit: Sendable, Equatable {
        case requests(Int)
        case duration(Duration)
    }

    package static let largestCount = 10_000_000

    /// - Throws: ``LoadPlanError`` for values that do not make a valid load.
    package init(
        seed: UInt64, rate: Double, limit: Limit, concurrency: Int = 64, mix: Mix<RequestKind> = .usual,
        computations: Mix<ComputationKind> = .usual
    ) throws(LoadPlanError) {
        guard rate > 0, rate <= 1_000_000 else {
            throw LoadPlanError("a rate of \(rate): expected more than 0 and at most 1000000 requests a second")
        }
        guard concurrency >= 1, concurrency <= 10_000 else {
            throw LoadPlanError("a concurrency of \(concurrency): expected 1 to 10000")
        }
        let count: Double
        switch limit {
        case .requests(let requests): count = Double(requests)
        case .duration(let duration): count = (duration / .seconds(1) * rate).rounded(.down)
        }
        guard count >= 1, count <= Double(Self.largestCount) else {
            throw LoadPlanError(
                "these are \(count < 1 ? "no" : String(count)) requests: expected 1 to \(Self.largestCount)")
        }
        self.seed = seed
        self.rate = rate
        self.count = Int(count)
        self.concurrency = concurrency
        self.mix = mix
        self.computations = computations
    }

    /// The request with the number `index`, from 0.
    package func request(at index: Int) -> PlannedRequest {
        PlannedRequest(seed: seed, index: index, mix: mix, computations: computations)
    }

    /// When the request with the number `index` is due, measured from the start.
    package func dueTime(of index: Int) -> Duration { .nanoseconds(Int64((Double(index) / rate * 1e9).rounded())) }

    package var requests: some Sequence<PlannedRequest> { (0..<count).lazy.map { request(at: $0) } }
}

/// An invalid plan; the message says what was expected.
package struct LoadPlanError: Error, Equatable, CustomStringConvertible {
    package var description: String
    init(_ description: String) { self.description = description }
}

extension Mix<RequestKind> {
    /// Mostly tasks that succeed, and some that the services rightly refuse.
    package static var usual: Mix {
        Mix([.sync: 70, .async: 20, .unknownGuild: 5, .poor: 3, .badBody: 2])
    }
}

extension Mix<ComputationKind> {
    /// Equal shares.
    package static var usual: Mix { Mix([.sha256: 1, .primes: 1, .mandelbrot: 1, .sort: 1]) }
}
