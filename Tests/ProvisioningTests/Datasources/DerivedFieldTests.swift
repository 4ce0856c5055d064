import Contracts
import Encoding
import HTTP
import Logging
import OTel
import Testing
import Tracing

@testable import ServiceKit
@testable import Verification

/// The expressions of the Loki data source, applied to lines as the services' logger writes them.
@Suite struct DerivedFieldTests {
    private static let span = SpanContext(
        traceID: TraceID(high: 0x4BF9_2F35_77B3_4DA6, low: 0xA3CE_929D_0E0E_4736),
        spanID: SpanID(value: 0x00F0_67AA_0BA9_02B7), traceFlags: .sampled)
    private static let id = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let other = String(repeating: "d00f", count: 8)

    private let matchers: [DerivedFieldMatcher]

    init() throws {
        let sources = try ProvisionedSources.read()
        matchers = try #require(sources.first { $0.uid == "loki" }).derivedFields.map { try DerivedFieldMatcher($0) }
    }

    private func line(
        _ format: LogConfiguration.Format, _ level: Logger.Level = .info, _ message: String = "task settled",
        _ fields: Logger.Metadata = [:], error: (any Error)? = nil, hasSpan: Bool = true
    ) -> LogRecord {
        var context = ServiceContext.topLevel
        if hasSpan { context.spanContext = Self.span }
        context.requestID = "r-1"
        var encoder = LogLineEncoder(
            format: format, identity: LogIdentity(service: "tasks", version: "1", environment: "demo", region: "eu"),
            source: false)
        var output = ByteWriter()
        let event = LogEvent(level: level, message: message, metadata: fields, error: error, file: "a/b.swift", line: 1)
        encoder.encode(event, [:], LogLine(context: context, error: error), at: 1_795_192_321_123_000_000, to: &output)
        return LogRecord(timestampNS: 1, labels: [:], line: String(output.string.dropLast()))
    }

    /// What the fields that search the line find in it.
    private func found(_ record: LogRecord) -> [String] {
        matchers.filter { $0.field.matcher == .regex }.compactMap { $0.value(in: record) }
    }

    @Test(arguments: Logger.Level.allCases, [LogConfiguration.Format.json, .text])
    func findsTheIdInLinesOfEveryLevelAndFormat(_ level: Logger.Level, _ format: LogConfiguration.Format) {
        #expect(found(line(format, level)) == [Self.id])
        #expect(found(line(format, level, "x", error: HexError())) == [Self.id])
    }

    private struct HexError: Error, CustomStringConvertible {
        var description: String {
            "\"trace_id\":\"\(DerivedFieldTests.other)\" or  trace_id=\(DerivedFieldTests.other)"
        }
    }

    @Test(arguments: [LogConfiguration.Format.json, .text], [true, false])
    func findsNothingElseThatLooksLikeAnId(_ format: LogConfiguration.Format, _ hasSpan: Bool) {
        let expected = hasSpan ? [Self.id] : []
        let fields: Logger.Metadata = [
            "digest": .string(Self.other), "parent_trace_id": .string(Self.other), "task_id": .string(Self.other),
        ]
        #expect(found(line(format, .info, "m", fields, hasSpan: hasSpan)) == expected)
        for message in [
            Self.other, "trace_id=\(Self.other)", "\"trace_id\":\"\(Self.other)\"", "of trace_id=\(Self.other) x",
        ] {
            let lines = found(line(format, .info, message, hasSpan: hasSpan))
            // In text a message may hold anything, even what looks like a line in JSON.
            #expect(lines.filter { $0 != Self.other } == expected, "\(message)")
            if format == .json || !message.contains("\"") { #expect(lines == expected, "\(message)") }
        }
    }

    @Test func findsTheLabelOfThatNameOnly() {
        let labels = [
            "job", "service", "service_name", "service_namespace", "level", "trace_id", "span_id", "request_id",
            "parent_trace_id", "trace_id_2", "detected_level",
        ]
        let byLabel = matchers.filter { $0.field.matcher == .label }
        #expect(byLabel.count == 1)
        let record = LogRecord(
            timestampNS: 1, labels: Dictionary(uniqueKeysWithValues: labels.map { ($0, "value of " + $0) }), line: "x")
        #expect(byLabel.map { $0.value(in: record) } == ["value of trace_id"])
        let without = LogRecord(timestampNS: 1, labels: ["service": "x", "xtrace_id": "y"], line: "x")
        #expect(byLabel.map { $0.value(in: without) } == [nil])
    }

    @Test func linksToTempoByTheIdAlone() {
        #expect(Set(matchers.map(\.field.name)).count == matchers.count, "Grafana applies the first of a name only")
        for matcher in matchers {
            #expect(matcher.field.datasourceUID == "tempo")
            #expect(matcher.field.url == "${__value.raw}")
        }
    }
}
