import Logging
import ServiceTesting
import Synchronization
import Testing

@testable import OTelSDK
@testable import TraceContext

@Suite("The batch span processor")
struct BatchSpanProcessorTests {
    let timer = ManualTimer()
    let metrics = TestMetrics()
    let log = TestLog()

    private static let queueFull = "otel.sdk.processor.span.processed{error.type=queue_full}"

    private func processor(
        _ exporter: any SpanExporter, queue: Int = 2048, batch: Int = 512, delay: Duration = .seconds(5),
        timeout: Duration = .seconds(30)
    ) -> BatchSpanProcessor {
        BatchSpanProcessor(
            exporter: exporter,
            configuration: BatchProcessorConfiguration(
                scheduleDelay: delay, exportTimeout: timeout, maximumQueueSize: queue, maximumExportBatchSize: batch),
            sleep: { [timer] in try await timer.sleep($0) }, logger: log.logger, metrics: metrics)
    }

    /// Waits for the processor's timer to sleep, then lets the schedule delay pass.
    private func tick(_ delay: Duration = .seconds(5)) async throws {
        try await eventually("the timer sleeps") { timer.sleeping.contains(delay) }
        timer.advance(by: delay)
    }

    // MARK: - When batches are exported

    @Test func spansAreExportedAfterTheDelay() async throws {
        let exporter = GatedSpanExporter(isOpen: true)
        let processor = processor(exporter)
        processor.onEnd(.test("a"))
        processor.onEnd(.test("b"))
        try await eventually("the timer sleeps") { timer.sleeping == [.seconds(5)] }
        timer.advance(by: .seconds(4))
        #expect(exporter.batches.isEmpty)
        timer.advance(by: .seconds(1))
        try await eventually("both are exported") { exporter.names == ["a", "b"] }
        #expect(exporter.batches.count == 1)
        await processor.shutdown()
    }

    @Test func nothingIsExportedWithoutSpans() async throws {
        let exporter = GatedSpanExporter(isOpen: true)
        let processor = processor(exporter)
        for _ in 0..<3 { try await tick() }
        await processor.shutdown()
        #expect(exporter.batches.isEmpty)
        #expect(exporter.shutdowns == 1)
    }

    @Test func aFullBatchIsExportedAtOnce() async throws {
        let exporter = GatedSpanExporter(isOpen: true)
        let processor = processor(exporter, batch: 3)
        for index in 1...7 { processor.onEnd(.test("\(index)")) }
        try await eventually("two full batches are exported") { exporter.finished == 2 }
        #expect(exporter.batches.map { $0.map(\.name) } == [["1", "2", "3"], ["4", "5", "6"]])
        try await tick()
        try await eventually("the rest is exported") { exporter.names.last == "7" }
        await processor.shutdown()
    }

    @Test func oneBatchIsExportedAtATime() async throws {
        let exporter = GatedSpanExporter()
        let processor = processor(exporter, batch: 1)
        for index in 1...4 { processor.onEnd(.test("\(index)")) }
        try await eventually("the first export begins") { exporter.batches.count == 1 }
        try await tick()
        #expect(exporter.batches.count == 1)
        exporter.open()
        try await eventually("all are exported") { exporter.finished == 4 }
        #expect(exporter.mostRunning == 1)
        #expect(exporter.names == ["1", "2", "3", "4"])
        await processor.shutdown()
    }

    @Test func unsampledSpansAreNotExported() async {
        let exporter = GatedSpanExporter(isOpen: true)
        let processor = processor(exporter)
        processor.onEnd(.test("recorded only", flags: []))
        processor.onEnd(.test("random only", flags: .random))
        await processor.shutdown()
        #expect(exporter.batches.isEmpty)
    }

    // MARK: - The bound

    @Test func aFullQueueDropsAndCountsSpans() async {
        let exporter = GatedSpanExporter()
        let processor = processor(exporter, queue: 4, batch: 2)
        for index in 1...10 { processor.onEnd(.test("\(index)")) }
        #expect(metrics.value(Self.queueFull) == 6)
        #expect(metrics.value("otel.sdk.processor.span.queue.size") == 4)
        #expect(metrics.value("otel.sdk.processor.span.queue.capacity") == 4)
        exporter.open()
        await processor.shutdown()
        #expect(exporter.names == ["1", "2", "3", "4"])
        #expect(metrics.value("otel.sdk.processor.span.processed") == 4)
        #expect(metrics.value("otel.sdk.processor.span.queue.size") == 0)
    }

    @Test func spansBeingExportedCountAsQueued() async throws {
        let exporter = GatedSpanExporter()
        let processor = processor(exporter, queue: 4, batch: 2)
        for index in 1...2 { processor.onEnd(.test("\(index)")) }
        try await eventually("the export begins") { exporter.batches.count == 1 }
        for index in 3...6 { processor.onEnd(.test("\(index)")) }
        #expect(metrics.value(Self.queueFull) == 2)
        exporter.open()
        await processor.shutdown()
        #expect(exporter.names == ["1", "2", "3", "4"])
    }

    @Test func dropsAreLoggedOncePerInterval() async throws {
        let exporter = GatedSpanExporter()
        let processor = processor(exporter, queue: 1, batch: 1)
        for index in 1...4 { processor.onEnd(.test("\(index)")) }
        #expect(log.events.isEmpty)
        try await tick()
        try await eventually("the drops are logged") { log.events.count == 1 }
        let event = try #require(log.events.first)
        #expect(event.level == .warning)
        #expect(event.message == "Telemetry was dropped because the queue was full")
        #expect(event.metadata["dropped"] == 3)
        #expect(event.metadata["queue_size"] == 1)
        try await tick()
        try await eventually("the timer sleeps again") { timer.sleeping.contains(.seconds(5)) }
        #expect(log.events.count == 1)
        exporter.open()
        await processor.shutdown()
    }

    // MARK: - Flush

    @Test func aFlushExportsQueuedSpans() async {
        let exporter = GatedSpanExporter(isOpen: true)
        let processor = processor(exporter, batch: 2)
        for index in 1...5 { processor.onEnd(.test("\(index)")) }
        await processor.forceFlush()
        #expect(exporter.names == ["1", "2", "3", "4", "5"])
        #expect(exporter.finished == 3)
        await processor.shutdown()
    }

    @Test func anEmptyFlushReturnsAtOnce() async {
        let exporter = GatedSpanExporter()
        let processor = processor(exporter)
        await processor.forceFlush()
        #expect(exporter.batches.isEmpty)
        await processor.shutdown()
    }

    @Test func aFlushWaitsForTheRunningExport() async throws {
        let exporter = GatedSpanExporter()
        let processor = processor(exporter, batch: 1)
        processor.onEnd(.test("1"))
        try await eventually("the export begins") { exporter.batches.count == 1 }
        let isDone = Mutex(false)
        async let flush: Void = {
            await processor.forceFlush()
            isDone.withLock { $0 = true }
        }()
        try await eventually("the flush is bounded") { timer.sleeping.count { $0 == .seconds(30) } == 2 }
        #expect(!isDone.withLock { $0 })
        exporter.open()
        await flush
        #expect(exporter.finished == 1)
        await processor.shutdown()
    }

    @Test func aFlushDoesNotWaitForLaterSpans() async throws {
        let exporter = GatedSpanExporter()
        let processor = processor(exporter, batch: 1)
        processor.onEnd(.test("1"))
        async let flush: Void = processor.forceFlush()
        try await eventually("the export begins") { exporter.batches.count == 1 }
        for index in 2...20 { processor.onEnd(.test("\(index)")) }
        exporter.open()
        await flush
        #expect(exporter.names.first == "1")
        await processor.shutdown()
        #expect(exporter.names.count == 20)
    }

    @Test func aFlushGivesUpAfterTheTimeout() async throws {
        let exporter = GatedSpanExporter(heedsCancellation: false)
        let processor = processor(exporter, batch: 1, timeout: .seconds(7))
        processor.onEnd(.test("1"))
        processor.onEnd(.test("2"))
        async let flush: Void = processor.forceFlush()
        try await eventually("export and flush are bounded") { timer.sleeping.count { $0 == .seconds(7) } == 2 }
        timer.advance(by: .seconds(7))
        await flush
        #expect(log.events.contains { $0.message == "Flushing telemetry took too long and was given up" })
        exporter.open()
        await processor.shutdown()
    }

    @Test func concurrentFlushesAllReturn() async {
        let exporter = GatedSpanExporter(isOpen: true)
        let processor = processor(exporter, batch: 3)
        await withTaskGroup { group in
            for index in 1...20 {
                group.addTask {
                    processor.onEnd(.test("\(index)"))
                    await processor.forceFlush()
                    #expect(exporter.names.contains("\(index)"))
                }
            }
        }
        await processor.shutdown()
        #expect(exporter.names.count == 20)
    }

    // MARK: - A slow or hung exporter

    @Test func aSlowExportIsCancelledAndItsBatchGivenUp() async throws {
        let exporter = GatedSpanExporter()
        let processor = processor(exporter, batch: 1, timeout: .seconds(2))
        processor.onEnd(.test("1"))
        processor.onEnd(.test("2"))
        try await eventually("the first export is bounded") { timer.sleeping.contains(.seconds(2)) }
        timer.advance(by: .seconds(2))
        try await eventually("the first is cancelled, the second begins") { exporter.batches.count == 2 }
        #expect(exporter.cancelled == 1)
        exporter.open()
        try await tick(.seconds(3))
        try await eventually("the loss is logged") {
            log.events.contains { $0.message == "Telemetry was given up because its export took too long" }
        }
        #expect(log.events.first?.metadata["dropped"] == 1)
        await processor.shutdown()
    }

    @Test func aHungExporterIsNotCalledAgainAndNeverBlocksTheCaller() async throws {
        let exporter = GatedSpanExporter(heedsCancellation: false)
        let processor = processor(exporter, queue: 4, batch: 1, timeout: .seconds(2))
        processor.onEnd(.test("1"))
        try await eventually("the export is bounded") { timer.sleeping.contains(.seconds(2)) }
        timer.advance(by: .seconds(2))
        try await eventually("the export is cancelled") { exporter.cancelled == 1 }
        for index in 2...10 { processor.onEnd(.test("\(index)")) }
        #expect(exporter.batches.count == 1)
        #expect(metrics.value(Self.queueFull) == 6)
        exporter.open()
        await processor.forceFlush()
        #expect(exporter.names == ["1", "2", "3", "4"])
        #expect(exporter.mostRunning == 1)
        await processor.shutdown()
    }

    @Test func aFailedExportIsGivenUp() async {
        let processor = processor(AnsweringSpanExporter(result: .failure(reason: "503")), batch: 1)
        processor.onEnd(.test("1"))
        await processor.forceFlush()
        #expect(metrics.value("otel.sdk.processor.span.queue.size") == 0)
        #expect(metrics.value("otel.sdk.processor.span.processed") == 1)
        // The exporter tells of its own failures.
        #expect(log.events.isEmpty)
        await processor.shutdown()
    }

    // MARK: - Shutdown

    @Test func aShutdownFlushesAndThenRefusesSpans() async {
        let exporter = GatedSpanExporter(isOpen: true)
        let processor = processor(exporter)
        processor.onEnd(.test("1"))
        await processor.shutdown()
        #expect(exporter.names == ["1"])
        #expect(exporter.shutdowns == 1)
        processor.onEnd(.test("2"))
        await processor.forceFlush()
        await processor.shutdown()
        #expect(exporter.names == ["1"])
        #expect(exporter.shutdowns == 1)
        #expect(metrics.value("otel.sdk.processor.span.processed{error.type=already_shutdown}") == 1)
        #expect(timer.sleeping.isEmpty)
    }

    @Test func aShutdownGivesUpOnAHungExporter() async throws {
        let exporter = GatedSpanExporter(heedsCancellation: false)
        let processor = processor(exporter, batch: 1, timeout: .seconds(2))
        for index in 1...3 { processor.onEnd(.test("\(index)")) }
        async let shutdown: Void = processor.shutdown()
        try await eventually("export and flush are bounded") { timer.sleeping.count { $0 == .seconds(2) } == 2 }
        timer.advance(by: .seconds(2))
        await shutdown
        #expect(exporter.shutdowns == 1)
        #expect(metrics.value("otel.sdk.processor.span.processed{error.type=shutdown_timeout}") == 2)
        #expect(
            log.events.contains {
                $0.message == "Telemetry was given up because there was no time left to export it"
                    && $0.metadata["dropped"] == 2
            })
        exporter.open()
    }

    @Test func concurrentShutdownsWaitForTheFirst() async throws {
        let exporter = GatedSpanExporter()
        let processor = processor(exporter)
        processor.onEnd(.test("1"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { exporter.open() }
            for _ in 0..<8 {
                group.addTask {
                    await processor.shutdown()
                    #expect(exporter.finished == 1)
                }
            }
            try await eventually("the export begins") { exporter.batches.count == 1 }
        }
        #expect(exporter.shutdowns == 1)
    }

    // MARK: - Many threads

    @Test func noSpanIsLostOrDoubledUnderConcurrency() async {
        let exporter = GatedSpanExporter(isOpen: true)
        let processor = processor(exporter, queue: 100_000, batch: 64)
        await withTaskGroup { group in
            for thread in 0..<8 {
                group.addTask {
                    for index in 0..<2000 {
                        processor.onEnd(.test("\(thread)/\(index)"))
                        if index % 500 == 0 { await processor.forceFlush() }
                    }
                }
            }
        }
        await processor.shutdown()
        let names = exporter.names
        #expect(names.count == 16_000)
        #expect(Set(names).count == 16_000)
        #expect(exporter.mostRunning == 1)
        #expect(exporter.batches.allSatisfy { $0.count <= 64 })
        for thread in 0..<8 {
            let own = names.filter { $0.hasPrefix("\(thread)/") }
            #expect(own == (0..<2000).map { "\(thread)/\($0)" })
        }
    }

    @Test func acceptedAndDroppedSpansAddUpUnderConcurrency() async {
        let exporter = GatedSpanExporter(isOpen: true)
        let processor = processor(exporter, queue: 50, batch: 10)
        await withTaskGroup { group in
            for thread in 0..<8 {
                group.addTask { for index in 0..<2000 { processor.onEnd(.test("\(thread)/\(index)")) } }
            }
        }
        await processor.shutdown()
        #expect(exporter.names.count + Int(metrics.value(Self.queueFull)) == 16_000)
        #expect(Double(exporter.names.count) == metrics.value("otel.sdk.processor.span.processed"))
    }
}
