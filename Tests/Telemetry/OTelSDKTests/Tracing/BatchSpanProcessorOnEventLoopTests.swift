import EventLoop
import ServiceTesting
import Synchronization
import Testing
import Tracing

@testable import OTelSDK

/// The batch processor as services run it: on an event loop, with real timers.
@Suite("The batch span processor on an event loop")
struct BatchSpanProcessorOnEventLoopTests {
    /// Notes on which loop it is called.
    private final class LoopNotingExporter: SpanExporter {
        private struct State {
            var names: [String] = []
            var loops: Set<String> = []
        }
        private let state = Mutex(State())
        var names: [String] { state.withLock { $0.names } }
        var loops: Set<String> { state.withLock { $0.loops } }

        func export(_ batch: [SpanData]) async -> ExportResult {
            state.withLock { state in
                state.names += batch.map(\.name)
                state.loops.insert(EventLoop.current?.name ?? "none")
            }
            return .success(rejected: 0)
        }
        func shutdown() async {}
    }

    private func withLoop(_ body: (EventLoop) async throws -> Void) async throws {
        let loop = try EventLoop(name: "otel-test")
        try loop.start()
        try await body(loop)
        loop.stop()
    }

    @Test func exportsRunOnTheLoop() async throws {
        try await withLoop { loop in
            let exporter = LoopNotingExporter()
            let processor = BatchSpanProcessor(
                exporter: exporter, configuration: BatchProcessorConfiguration(maximumExportBatchSize: 50),
                eventLoop: loop)
            let tracer = OTelTracer(processor: processor)
            await withTaskGroup { group in
                for thread in 0..<4 {
                    group.addTask { for index in 0..<100 { tracer.withSpan("\(thread)/\(index)") { _ in } } }
                }
            }
            await tracer.forceFlush()
            #expect(exporter.names.count == 400)
            #expect(exporter.loops == ["otel-test"])
            await tracer.shutdown()
        }
    }

    @Test func theLoopKeepsTheScheduleDelay() async throws {
        try await withLoop { loop in
            let exporter = LoopNotingExporter()
            let processor = BatchSpanProcessor(
                exporter: exporter, configuration: BatchProcessorConfiguration(scheduleDelay: .milliseconds(5)),
                eventLoop: loop)
            processor.onEnd(.test("1"))
            try await eventually("the span is exported") { exporter.names == ["1"] }
            processor.onEnd(.test("2"))
            try await eventually("the next one too") { exporter.names == ["1", "2"] }
            await processor.shutdown()
        }
    }

    @Test func theLoopKeepsTheExportTimeout() async throws {
        try await withLoop { loop in
            let exporter = GatedSpanExporter()
            let processor = BatchSpanProcessor(
                exporter: exporter,
                configuration: BatchProcessorConfiguration(
                    exportTimeout: .milliseconds(20), maximumExportBatchSize: 1),
                eventLoop: loop)
            processor.onEnd(.test("1"))
            try await eventually("the export is cancelled") { exporter.cancelled == 1 }
            exporter.open()
            await processor.shutdown()
        }
    }
}
