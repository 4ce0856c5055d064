import Terminal
import Verification
import Vocabulary
import Workload

/// The stores of traces and their lines, with a client for each.
package struct TraceStores: Sendable {
    let finder: TraceFinder
    package let reader: TraceReader

    init(_ backends: BackendOptions, _ loop: LoopTools) {
        self.init(tempo: backends.tempo, loki: backends.loki, tenant: backends.tenant, loop)
    }

    init(tempo: String, loki: String, tenant: Tenant?, _ loop: LoopTools) {
        let tempo = TempoClient(baseURL: tempo, tenant: tenant, transport: loop.client)
        let loki = LokiClient(baseURL: loki, tenant: tenant, transport: loop.client)
        let clock = LoadClock.monotonic(loop.eventLoop)
        finder = TraceFinder(tempo: tempo, loki: loki, clock: clock)
        reader = TraceReader(tempo: tempo, loki: loki, clock: clock)
    }

    /// Reads a trace as ``TraceReader`` does; on a terminal it shows what it waits for.
    package func read(
        _ traceID: String, _ tools: Tools, _ patience: TraceReader.Patience = .usual, awaitsCaller: Bool = true
    ) async throws -> TraceReading {
        let progress = Progress("waiting for the whole trace: spans", on: tools.err)
        defer { progress.finish() }
        return try await reader.read(traceID, patience, awaitsCaller: awaitsCaller) { reading in
            guard tools.err.isInteractive else { return }
            progress.update(reading.trace?.spans.count ?? 0, of: nil, note: "log lines \(reading.lines.count)")
        }
    }
}
