import Contracts
import HTTP
import OTel
import ServiceTesting
import Synchronization
import Testing

@Suite("Stopping under load")
struct DrainTests {
    /// What callers saw.
    private struct Seen: Sendable {
        var settled: [String] = []
        var failures: [String] = []
    }

    @Test("Every request that was accepted is answered, and its sixteen spans are there")
    func drain() async throws {
        try await withFourServices { services in
            let seen = Mutex(Seen())
            let next = Atomic(0)
            let load = Task {
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<6 {
                        group.addTask {
                            while next.load(ordering: .relaxed) < 5000 {
                                let trace = traceID(next.add(1, ordering: .relaxed).oldValue)
                                do {
                                    let answer = try await services.client.createTask(
                                        services.url(.gateway), traceID: trace)
                                    seen.withLock {
                                        if answer.status == .created {
                                            $0.settled.append(trace)
                                        } else {
                                            $0.failures.append(answer.text)
                                        }
                                    }
                                } catch HTTPClientError.connectFailed {
                                    return
                                } catch {
                                    return seen.withLock { $0.failures.append("\(error)") }
                                }
                            }
                        }
                    }
                }
            }
            try await eventually("some are answered") { seen.withLock { $0.settled.count + $0.failures.count } >= 20 }
            try await services.drain()
            await load.value
            let result = seen.withLock { $0 }
            #expect(result.failures.isEmpty, "\(result.failures)")
            let spans = Dictionary(grouping: services.spans.spans) { $0.context.traceID.description }
            #expect(Set(result.settled) == Set(spans.keys))
            for trace in result.settled { #expect(spans[trace]?.count == 16) }
            let drained = services.logs.entries.filter { $0.message == "drained" }
            #expect(drained.count == 4)
        }
    }
}
