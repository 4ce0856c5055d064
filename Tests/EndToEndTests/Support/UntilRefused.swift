import HTTP
import Synchronization

/// Sends tasks until the gateway takes no more connections.
final class UntilRefused: Sendable {
    struct Result: Sendable {
        /// The traces of the tasks that were settled.
        var settled: [String] = []
        /// Any other end but a refused connection.
        var failures: [String] = []
    }

    /// After so many settled tasks the interruption comes.
    static let enough = 30

    private let result = Mutex(Result())
    private let next = Atomic(0)

    func run(
        _ client: HTTPClient, _ url: String, workers: Int, whenEnough interrupt: @escaping @Sendable () -> Void
    ) async -> Result {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<workers { group.addTask { await self.work(client, url, interrupt) } }
        }
        let result = result.withLock { $0 }
        // Nobody is to wait for an interruption that never comes.
        if result.settled.count < Self.enough { interrupt() }
        return result
    }

    private func work(_ client: HTTPClient, _ url: String, _ interrupt: @Sendable () -> Void) async {
        // Bounded, in case the interruption does not work.
        while next.load(ordering: .relaxed) < 5000 {
            let trace = traceID(next.add(1, ordering: .relaxed).oldValue)
            do {
                let answer = try await client.createTask(url, traceID: trace)
                let count = result.withLock { result in
                    if answer.status == .created {
                        result.settled.append(trace)
                    } else {
                        result.failures.append("\(answer.status): \(answer.text)")
                    }
                    return result.settled.count
                }
                if count == Self.enough { interrupt() }
            } catch HTTPClientError.connectFailed {
                return
            } catch {
                result.withLock { $0.failures.append("\(error)") }
                return
            }
        }
    }
}
