import Encoding
import Tracing

@testable import OTelSDK
@testable import TraceContext

/// A generator that gives the same numbers for the same seed, so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    private let source: SplitMix64

    init(seed: UInt64) { source = SplitMix64(seed: seed) }

    func next() -> UInt64 { source.next() }
}

/// Spans and log records of every shape that the SDK can make.
struct RandomTelemetry {
    var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
    mutating func chance(_ one: Int) -> Bool { int(1...one) == 1 }
    mutating func list<Element>(_ limit: Int, _ make: (inout Self) -> Element) -> [Element] {
        (0..<int(0...limit)).map { _ in make(&self) }
    }

    /// Lengths on both sides of where a length takes another byte.
    mutating func text() -> String {
        let length = [0, 1, 5, 20, 126, 127, 128, 129, 300][int(0...8)]
        let alphabet: [Character] = ["a", "Z", "0", "é", "€", "😀", "\"", "\\", "\n", "\0", " "]
        return String((0..<length).map { _ in alphabet[int(0...alphabet.count - 1)] })
    }

    mutating func number() -> Int64 {
        [0, 1, -1, 127, 128, .max, .min, Int64(bitPattern: generator.next())][int(0...7)]
    }

    mutating func attribute() -> SpanAttribute {
        switch int(0...5) {
        case 0: .string(text())
        case 1: .int64(number())
        case 2: .double([0, -0.5, 1e300, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, 3][int(0...7)])
        case 3: .bool(chance(2))
        case 4: .stringArray(list(4) { $0.text() })
        default: .int64Array(list(4) { $0.number() })
        }
    }

    mutating func attributes() -> SpanAttributes {
        var result: SpanAttributes = [:]
        for index in 0..<int(0...10) { result["key.\(index)" + (chance(5) ? text() : "")] = attribute() }
        return result
    }

    mutating func spanContext() -> SpanContext {
        SpanContext(
            traceID: TraceID(high: generator.next(), low: generator.next() | 1),
            spanID: SpanID(value: generator.next() | 1),
            traceFlags: TraceFlags(rawValue: UInt8(int(0...3))), traceState: chance(3) ? "vendor=value,other=x" : "",
            isRemote: chance(2))
    }

    mutating func span() -> SpanData {
        SpanData(
            context: spanContext(), parentSpanID: chance(3) ? nil : SpanID(value: generator.next() | 1),
            parentIsRemote: chance(2), name: text(), kind: SpanKind.allCases[int(0...4)],
            startTime: generator.next(), endTime: chance(10) ? 0 : generator.next(), attributes: attributes(),
            droppedAttributesCount: chance(3) ? int(1...1000) : 0,
            events: list(3) { telemetry in
                SpanEvent(
                    name: telemetry.text(), at: telemetry.chance(5) ? nil : telemetry.generator.next(),
                    attributes: telemetry.attributes())
            },
            droppedEventsCount: chance(3) ? int(1...1000) : 0,
            links: list(3) { telemetry in
                var context = ServiceContext.topLevel
                if !telemetry.chance(4) { context.spanContext = telemetry.spanContext() }
                return SpanLink(context: context, attributes: telemetry.attributes())
            },
            droppedLinksCount: chance(3) ? int(1...1000) : 0,
            status: [
                nil, SpanStatus(code: .ok, message: "ignored"), SpanStatus(code: .error),
                SpanStatus(code: .error, message: text()),
            ][
                int(0...3)])
    }

    mutating func logRecord() -> LogRecordData {
        LogRecordData(
            timestamp: generator.next(), observedTimestamp: chance(5) ? 0 : generator.next(),
            severityNumber: int(0...24),
            severityText: text(), body: text(), attributes: attributes(),
            spanContext: chance(3) ? nil : spanContext())
    }
}
