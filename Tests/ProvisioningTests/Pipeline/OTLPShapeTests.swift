import Encoding
import LogOutput
import Logging
import OTLP
import OTelSDK
import Synchronization
import Testing
import Tracing
import Vocabulary

@testable import PocketStore
@testable import ServiceKit

/// Lines sent over OTLP, through the Collector or not, are stored in Loki like tailed lines.
@Suite("The lines sent over OTLP") struct OTLPShapeTests {
    /// Keeps what it gets.
    private final class Recorder: LogRecordProcessor {
        let records = Mutex<[LogRecordData]>([])
        func onEmit(_ record: LogRecordData) { records.withLock { $0.append(record) } }
        func forceFlush() async {}
        func shutdown() async {}
    }

    private static let resource = Resource(attributes: [
        "service.name": "tasks", "service.namespace": .string(LogStreams.namespace), "service.version": "1",
    ])

    /// The record of a sample as the SDK makes it, with or without what a service adds.
    private func record(_ sample: SampleLines.Sample, isShaped: Bool) throws -> OTLPLogRecord {
        let recorder = Recorder()
        let clock = WallClock { SampleLines.time }
        let processor: any LogRecordProcessor = isShaped ? LokiLogRecords(next: recorder) : recorder
        let handler = OTLPLogHandler(processor: processor, logLevel: .trace, clock: clock)
        ServiceContext.withValue(sample.context) { handler.log(event: sample.event) }
        return OTLPLogRecord(try #require(recorder.records.withLock { $0.first }))
    }

    /// What Loki makes of it, as the pocket stack does.
    private func stored(_ logs: OTLPResourceLogs) throws -> PipelineRunner.Result {
        var intake = LogIntake(now: SampleLines.time)
        OTLPIntake.add(OTLPLogs(resourceLogs: [logs]), to: &intake, now: SampleLines.time)
        return try SampleLines.result(of: intake.batch)
    }

    private func check(_ result: PipelineRunner.Result, is sample: SampleLines.Sample) throws {
        var tailed = try SampleLines.tailed(sample.line(.json), service: "tasks")
        tailed.metadata[LogField.message] = nil
        #expect(result.labels == tailed.labels, "\(sample)")
        let shape = Set(LokiShape.metadata)
        #expect(result.metadata.filter { shape.contains($0.key) } == tailed.metadata, "\(sample)")
        #expect(result.time == tailed.time)
    }

    @Test func linesFromTheServicesEqualTailedLines() throws {
        for sample in SampleLines.samples {
            let resource = LokiLogRecords.resource(Self.resource)
            let logs = OTLPResourceLogs(
                resource: [OTLPKeyValue](resource.attributes), records: [try record(sample, isShaped: true)])
            try check(stored(logs), is: sample)
        }
    }

    /// The result is the same for any sender, whether or not it has shaped the record already.
    @Test(arguments: [true, false])
    func linesFromTheCollectorEqualTailedLines(_ isShaped: Bool) throws {
        let collector = try CollectorLines()
        for sample in SampleLines.samples {
            let resource = isShaped ? LokiLogRecords.resource(Self.resource) : Self.resource
            let logs = OTLPResourceLogs(
                resource: [OTLPKeyValue](resource.attributes), records: [try record(sample, isShaped: isShaped)])
            try check(stored(try collector.process(logs)), is: sample)
        }
    }

    @Test func aLongErrorMessageIsTruncated() throws {
        let recorder = Recorder()
        let long = String(repeating: "ü", count: 2 * LokiShape.maximumTextLength)
        LokiLogRecords(next: recorder).onEmit(
            LogRecordData(
                timestamp: 1, observedTimestamp: 1, severityNumber: 17, severityText: "error", body: "failed",
                attributes: ["exception.message": .string(long)]))
        let attributes = try #require(recorder.records.withLock { $0.first }).attributes
        #expect(attributes[LogField.errorMessage] == .string(String(long.prefix(LokiShape.maximumTextLength))))
    }

    /// Users set such labels by `OTEL_RESOURCE_ATTRIBUTES=job=…`.
    @Test func labelsSetByTheUserAreKept() {
        var resource = Self.resource
        resource.attributes["job"] = "mine"
        #expect(LokiLogRecords.resource(resource).attributes["job"] == "mine")
        #expect(LokiLogRecords.resource(resource).attributes["service"] == "tasks")
    }
}
