import Testing

@testable import OTelSDK

@Suite("The simple and the multiplexing span processor")
struct SpanProcessorTests {
    @Test func aSimpleProcessorExportsEachSpanAtOnce() async {
        let exporter = InMemorySpanExporter()
        let processor = SimpleSpanProcessor(exporter: exporter)
        processor.onEnd(.test("1"))
        #expect(exporter.spans.map(\.name) == ["1"])
        processor.onEnd(.test("2"))
        processor.onEnd(.test("unsampled", flags: []))
        #expect(exporter.spans.map(\.name) == ["1", "2"])
        await processor.shutdown()
        processor.onEnd(.test("3"))
        #expect(exporter.spans.count == 2)
    }

    @Test func aSimpleProcessorExportsOneSpanAtATime() async {
        let exporter = GatedSpanExporter()
        let processor = SimpleSpanProcessor(exporter: exporter)
        for index in 1...5 { processor.onEnd(.test("\(index)")) }
        #expect(exporter.batches.count == 1)
        async let flush: Void = processor.forceFlush()
        exporter.open()
        await flush
        #expect(exporter.names == ["1", "2", "3", "4", "5"])
        #expect(exporter.mostRunning == 1)
        await processor.shutdown()
        await processor.shutdown()
        #expect(exporter.shutdowns == 1)
    }

    @Test func aSimpleProcessorLimitsItsQueue() async {
        let exporter = GatedSpanExporter()
        let processor = SimpleSpanProcessor(exporter: exporter)
        for index in 0..<2100 { processor.onEnd(.test("\(index)")) }
        #expect(processor.droppedCount == 2100 - 2048 - 1)
        exporter.open()
        await processor.shutdown()
        #expect(exporter.batches.count == 2049)
    }

    @Test func everyProcessorReceivesTheSpan() async {
        let (first, second) = (GatedSpanExporter(isOpen: true), GatedSpanExporter(isOpen: true))
        let processor = MultiSpanProcessor([
            SimpleSpanProcessor(exporter: first), SimpleSpanProcessor(exporter: second),
        ])
        processor.onEnd(.test("1"))
        await processor.forceFlush()
        #expect(first.names == ["1"])
        #expect(second.names == ["1"])
        await processor.shutdown()
        #expect(first.shutdowns == 1)
        #expect(second.shutdowns == 1)
    }

    @Test func theInMemoryExporterKeepsTheNewestSpans() async {
        let exporter = InMemorySpanExporter(capacity: 8)
        for index in 1...100 { exporter.onEnd(.test("\(index)")) }
        #expect(exporter.spans.count <= 10)
        #expect(exporter.spans.last?.name == "100")
        #expect(exporter.spans.suffix(8).map(\.name) == (93...100).map(String.init))
        exporter.reset()
        #expect(exporter.spans.isEmpty)
    }

    @Test func theInMemoryExporterRefusesSpansAfterItsShutdown() async {
        let exporter = InMemorySpanExporter()
        #expect(await exporter.export([.test("1")]) == .success(rejected: 0))
        await exporter.shutdown()
        #expect(await exporter.export([.test("2")]) == .failure(reason: "already_shutdown"))
        exporter.onEnd(.test("3"))
        #expect(exporter.spans.map(\.name) == ["1"])
    }
}
