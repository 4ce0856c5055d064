import Logging
import ServiceTesting
import Synchronization
import Testing
import Tracing

@testable import OTelSDK
@testable import TraceContext

/// Keeps batches of log records; hangs, deaf to cancellation, until it is opened.
final class GatedLogRecordExporter: LogRecordExporter {
    private struct State {
        var batches: [[LogRecordData]] = []
        var contexts: [ServiceContext?] = []
        var isOpen: Bool
        var waiting: [CheckedContinuation<Void, Never>] = []
        var shutdowns = 0
    }
    private let state: Mutex<State>

    init(isOpen: Bool) { state = Mutex(State(isOpen: isOpen)) }

    var bodies: [[String]] { state.withLock { $0.batches.map { $0.map(\.body) } } }
    var sawContext: Bool { state.withLock { $0.contexts.contains { $0 != nil } } }
    var shutdowns: Int { state.withLock { $0.shutdowns } }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        waiting.forEach { $0.resume() }
    }

    func export(_ batch: [LogRecordData]) async -> ExportResult {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                state.batches.append(batch)
                state.contexts.append(ServiceContext.current)
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
        return .success(rejected: 0)
    }

    func shutdown() async { state.withLock { $0.shutdowns += 1 } }
}

/// Tests what is specific to log records. The batching itself is tested with spans.
@Suite("The batch log record processor")
struct BatchLogRecordProcessorTests {
    let timer = ManualTimer()
    let metrics = TestMetrics()
    let log = TestLog()

    private func processor(
        _ exporter: GatedLogRecordExporter, queue: Int = 2048, batch: Int = 512
    )
        -> BatchLogRecordProcessor
    {
        BatchLogRecordProcessor(
            exporter: exporter,
            configuration: BatchProcessorConfiguration(
                scheduleDelay: .seconds(1), maximumQueueSize: queue, maximumExportBatchSize: batch),
            sleep: { [timer] in try await timer.sleep($0) }, logger: log.logger, metrics: metrics)
    }

    @Test("Lines of a request are exported outside of it, after the delay")
    func linesOfARequestAreExportedOutsideItAfterTheDelay() async throws {
        let exporter = GatedLogRecordExporter(isOpen: true)
        let processor = processor(exporter)
        let logger = Logger(label: "test", handler: OTLPLogHandler(processor: processor))
        var context = ServiceContext.topLevel
        context.spanContext = SpanContext(
            traceID: TraceID(high: 1, low: 1), spanID: SpanID(value: 1), traceFlags: [])
        // Of an unsampled span too: the line is wanted whether the trace is or not.
        ServiceContext.withValue(context) { logger.info("one") }
        logger.info("two")
        try await eventually("the timer sleeps") { timer.sleeping == [.seconds(1)] }
        #expect(exporter.bodies.isEmpty)
        timer.advance(by: .seconds(1))
        try await eventually("both are exported") { exporter.bodies == [["one", "two"]] }
        #expect(!exporter.sawContext)
        await processor.shutdown()
        #expect(exporter.shutdowns == 1)
        #expect(metrics.value("otel.sdk.processor.log.processed") == 2)
    }

    @Test("A flush does not wait for the delay")
    func aFlushDoesNotWaitForTheDelay() async {
        let exporter = GatedLogRecordExporter(isOpen: true)
        let processor = processor(exporter)
        let logger = Logger(label: "test", handler: OTLPLogHandler(processor: processor))
        logger.info("one")
        await processor.forceFlush()
        #expect(exporter.bodies == [["one"]])
        await processor.shutdown()
    }

    @Test("A hanging exporter blocks nobody, and lines beyond the queue are dropped and counted")
    func aHangingExporterBlocksNobody() async {
        let exporter = GatedLogRecordExporter(isOpen: false)
        let processor = processor(exporter, queue: 4, batch: 2)
        let logger = Logger(label: "test", handler: OTLPLogHandler(processor: processor))
        for index in 1...10 { logger.info("\(index)") }
        #expect(metrics.value("otel.sdk.processor.log.processed{error.type=queue_full}") == 6)
        #expect(metrics.value("otel.sdk.processor.log.queue.size") == 4)
        #expect(metrics.value("otel.sdk.processor.log.queue.capacity") == 4)
        exporter.open()
        await processor.shutdown()
        #expect(exporter.bodies == [["1", "2"], ["3", "4"]])
        logger.info("late")
        #expect(metrics.value("otel.sdk.processor.log.processed{error.type=already_shutdown}") == 1)
        #expect(exporter.bodies.count == 2)
    }
}
