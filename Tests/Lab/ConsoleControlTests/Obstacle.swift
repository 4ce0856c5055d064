import HTTP
import Synchronization
import Vocabulary

/// Holds up the first request of a kind to a service's control API, until it is let go.
final class Obstacle: Sendable {
    private let role: ServiceRole
    private let method: HTTPMethod
    private let hasArrived = Mutex(false)
    private let arrival = AsyncStream<Never>.makeStream()
    private let departure = AsyncStream<Never>.makeStream()

    init(_ method: HTTPMethod, at role: ServiceRole) {
        self.role = role
        self.method = method
    }

    /// For ``ControlBench/run(folder:incidents:workshop:variables:seed:gateway:stores:admin:_:)``.
    func meet(_ role: ServiceRole, _ request: Request) async {
        guard role == self.role, request.method == method else { return }
        let isFirst = hasArrived.withLock { hasArrived in
            defer { hasArrived = true }
            return !hasArrived
        }
        guard isFirst else { return }
        arrival.continuation.finish()
        for await _ in departure.stream {}
    }

    func waitForArrival() async { for await _ in arrival.stream {} }
    func letGo() { departure.continuation.finish() }
}
