import Synchronization

@testable import OTelSDK
@testable import TraceContext

/// An exporter whose exports take until the test opens the gate.
final class GatedSpanExporter: SpanExporter {
    private struct State {
        var batches: [[SpanData]] = []
        var finished = 0
        var isOpen: Bool
        var waiting: [CheckedContinuation<Void, Never>] = []
        var running = 0
        var mostRunning = 0
        var cancelled = 0
        var shutdowns = 0
    }
    private let state: Mutex<State>
    private let heedsCancellation: Bool

    /// An exporter that does not heed cancellation hangs until it is opened.
    init(isOpen: Bool = false, heedsCancellation: Bool = true) {
        state = Mutex(State(isOpen: isOpen))
        self.heedsCancellation = heedsCancellation
    }

    /// The batches that exports began with.
    var batches: [[SpanData]] { state.withLock { $0.batches } }
    var finished: Int { state.withLock { $0.finished } }
    var mostRunning: Int { state.withLock { $0.mostRunning } }
    var cancelled: Int { state.withLock { $0.cancelled } }
    var shutdowns: Int { state.withLock { $0.shutdowns } }
    var names: [String] { batches.flatMap { $0.map(\.name) } }

    func open() { release { $0.isOpen = true } }

    func export(_ batch: [SpanData]) async -> ExportResult {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOpen = state.withLock { state in
                    state.batches.append(batch)
                    state.running += 1
                    state.mostRunning = max(state.mostRunning, state.running)
                    if !state.isOpen { state.waiting.append(continuation) }
                    return state.isOpen
                }
                if isOpen { continuation.resume() }
            }
        } onCancel: {
            release { $0.cancelled += 1 }
        }
        state.withLock { state in
            state.running -= 1
            state.finished += 1
        }
        return .success(rejected: 0)
    }

    func shutdown() async { state.withLock { $0.shutdowns += 1 } }

    private func release(_ change: (inout State) -> Void) {
        let waiting = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            change(&state)
            guard state.isOpen || heedsCancellation else { return [] }
            defer { state.waiting = [] }
            return state.waiting
        }
        waiting.forEach { $0.resume() }
    }
}

/// An exporter that always answers the same.
struct AnsweringSpanExporter: SpanExporter {
    let result: ExportResult
    func export(_ batch: [SpanData]) async -> ExportResult { result }
    func shutdown() async {}
}

extension SpanData {
    /// A sampled span for tests of what happens to it.
    static func test(_ name: String, flags: TraceFlags = .sampled) -> SpanData {
        SpanData(
            context: SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(value: 3), traceFlags: flags),
            name: name, startTime: 1, endTime: 2)
    }
}
