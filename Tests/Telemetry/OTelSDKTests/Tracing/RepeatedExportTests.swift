import ServiceTesting
import Synchronization
import Testing

@testable import OTelSDK

/// Answers as it is told, one after the other; the last answer is repeated.
private final class ScriptedSpanExporter: SpanExporter {
    private struct State {
        var script: [ExportResult]
        var batches: [[String]] = []
        var given: [String] = []
    }
    private let state: Mutex<State>

    init(_ script: ExportResult...) { state = Mutex(State(script: script)) }

    var batches: [[String]] { state.withLock { $0.batches } }
    /// What was given up, as `count reason`.
    var given: [String] { state.withLock { $0.given } }

    /// From now on delivers.
    func recover() { state.withLock { $0.script = [.success(rejected: 0)] } }

    func export(_ batch: [SpanData]) async -> ExportResult {
        state.withLock { state in
            state.batches.append(batch.map(\.name))
            return state.script.count > 1 ? state.script.removeFirst() : state.script[0]
        }
    }
    func giveUp(_ count: Int, reason: String) { state.withLock { $0.given.append("\(count) \(reason)") } }
    func shutdown() async {}
}

@Suite("Exports to a backend that is down")
struct RepeatedExportTests {
    private static let away = ExportResult.retryable(reason: "connect_failed", after: nil)
    private static let queueFull = "otel.sdk.processor.span.processed{error.type=queue_full}"

    let timer = ManualTimer()
    let metrics = TestMetrics()
    let log = TestLog()
    private let elapsed = Shared()

    private final class Shared: Sendable { let elapsed = Mutex(Duration.zero) }

    private func processor(
        _ exporter: any SpanExporter, queue: Int = 2048, batch: Int = 1, timeout: Duration = .seconds(30)
    ) -> BatchSpanProcessor {
        let (start, elapsed) = (ContinuousClock.now, elapsed)
        return BatchSpanProcessor(
            exporter: exporter,
            configuration: BatchProcessorConfiguration(
                scheduleDelay: .seconds(100_000), exportTimeout: timeout, maximumQueueSize: queue,
                maximumExportBatchSize: batch),
            sleep: { [timer] in try await timer.sleep($0) }, now: { start + elapsed.elapsed.withLock { $0 } },
            random: { 0.5 }, logger: log.logger, metrics: metrics)
    }

    /// Waits until the processor pauses for `pause`, and lets that time pass.
    private func passPause(of pause: Duration) async throws {
        try await eventually("it pauses for \(pause), not \(timer.sleeping)") { timer.sleeping.contains(pause) }
        elapsed.elapsed.withLock { $0 += pause }
        timer.advance(by: pause)
    }

    @Test("A batch is exported again until it is accepted, and no span is lost or doubled")
    func aBatchIsExportedAgainUntilItIsAccepted() async throws {
        let exporter = ScriptedSpanExporter(Self.away, Self.away, Self.away, .success(rejected: 0))
        let processor = processor(exporter)
        for name in ["a", "b"] { processor.onEnd(.test(name)) }
        for pause in [2, 3, 4.5] { try await passPause(of: .seconds(pause)) }
        try await eventually("both are taken") { exporter.batches.count == 5 }
        #expect(exporter.batches == [["a"], ["a"], ["a"], ["a"], ["b"]])
        #expect(exporter.given.isEmpty)
        await processor.shutdown()
        #expect(metrics.value("otel.sdk.processor.span.processed") == 2)
        #expect(processor.unsent == 0)
    }

    @Test("The queue size decides which spans are lost meanwhile")
    func theQueueSizeDecidesWhichSpansAreLost() async throws {
        let exporter = ScriptedSpanExporter(Self.away)
        let processor = processor(exporter, queue: 4)
        for index in 1...4 { processor.onEnd(.test("\(index)")) }
        try await passPause(of: .seconds(2))
        try await eventually("it pauses again") { timer.sleeping.contains(.seconds(3)) }
        for index in 5...10 { processor.onEnd(.test("\(index)")) }
        #expect(metrics.value(Self.queueFull) == 6)
        #expect(metrics.value("otel.sdk.processor.span.queue.size") == 4)
        exporter.recover()
        await processor.forceFlush()
        #expect(exporter.batches.dropFirst(2).flatMap(\.self) == ["1", "2", "3", "4"])
        await processor.shutdown()
    }

    @Test("A pause that the backend requests is kept")
    func aRequestedPauseIsKept() async throws {
        let exporter = ScriptedSpanExporter(.retryable(reason: "429", after: .seconds(40)), .success(rejected: 0))
        let processor = processor(exporter)
        processor.onEnd(.test("a"))
        try await passPause(of: .seconds(40))
        try await eventually("it is taken") { exporter.batches.count == 2 }
        await processor.shutdown()
    }

    @Test("A batch is given up after five minutes, and the next is tried as long")
    func aBatchIsGivenUpAfterFiveMinutes() async throws {
        let exporter = ScriptedSpanExporter(.retryable(reason: "503", after: .seconds(120)))
        let processor = processor(exporter)
        processor.onEnd(.test("a"))
        processor.onEnd(.test("b"))
        for _ in 0..<2 { try await passPause(of: .seconds(120)) }
        // The third would end after six minutes.
        try await eventually("the first is given up") { exporter.given == ["1 503"] }
        for _ in 0..<2 { try await passPause(of: .seconds(120)) }
        try await eventually("the second is given up") { exporter.given == ["1 503", "1 503"] }
        #expect(exporter.batches == [["a"], ["a"], ["a"], ["b"], ["b"], ["b"]])
        #expect(metrics.value("otel.sdk.processor.span.queue.size") == 0)
        await processor.shutdown()
    }

    @Test("A flush does not wait for the pause")
    func aFlushDoesNotWaitForThePause() async throws {
        let exporter = ScriptedSpanExporter(Self.away)
        let processor = processor(exporter)
        processor.onEnd(.test("a"))
        try await eventually("it pauses") { timer.sleeping.contains(.seconds(2)) }
        exporter.recover()
        await processor.forceFlush()
        #expect(exporter.batches == [["a"], ["a"]])
        await processor.shutdown()
    }

    @Test("A cancelled shutdown ends at once and says how many spans were left unsent")
    func aCancelledShutdownReportsUnsentSpans() async throws {
        let exporter = ScriptedSpanExporter(Self.away)
        let processor = processor(exporter)
        for index in 1...5 { processor.onEnd(.test("\(index)")) }
        try await eventually("it pauses") { timer.sleeping.contains(.seconds(2)) }
        let shutdown = Task { await processor.shutdown() }
        // The flush has it tried once more; then there is a pause again.
        try await eventually("the flush has begun") {
            exporter.batches.count == 2 && timer.sleeping.contains(.seconds(1))
        }
        shutdown.cancel()
        await shutdown.value
        #expect(processor.unsent == 5)
        try await eventually("the batch in hand is given up") { exporter.given == ["1 connect_failed"] }
        #expect(metrics.value("otel.sdk.processor.span.processed{error.type=shutdown_timeout}") == 4)
    }

    @Test("A cancelled shutdown does not wait for an export that hangs")
    func aCancelledShutdownDoesNotWaitForAHungExport() async throws {
        let exporter = GatedSpanExporter(heedsCancellation: false)
        let processor = processor(exporter)
        for index in 1...3 { processor.onEnd(.test("\(index)")) }
        try await eventually("the export begins") { exporter.batches.count == 1 }
        let shutdown = Task { await processor.shutdown() }
        shutdown.cancel()
        await shutdown.value
        #expect(processor.unsent == 3)
        exporter.open()
    }

    @Test("Spans that a shutdown still delivers are not counted as unsent")
    func spansDeliveredByAShutdownAreNotUnsent() async {
        let exporter = GatedSpanExporter(isOpen: true)
        let processor = processor(exporter, batch: 2)
        for index in 1...5 { processor.onEnd(.test("\(index)")) }
        await processor.shutdown()
        #expect(exporter.names.count == 5 && processor.unsent == 0)
    }
}
