import Encoding
import HTTP
import Logging
import TraceContext
import Tracing
import Vocabulary

/// Turns log lines into OpenTelemetry log records and passes them to a processor, for export over OTLP.
///
/// A record carries the span of the current context, the fields of the logger and the line as attributes, and an error
/// as `exception.type` and `exception.message`. Nested fields are flattened: `http.status` for `status` within `http`.
public struct OTLPLogHandler: LogHandler {
    /// The minimum level that is exported.
    public var logLevel: Logger.Level
    /// Fields on every line of this logger.
    public var metadata: Logger.Metadata
    private let processor: any LogRecordProcessor
    private let clock: WallClock

    /// Creates a handler.
    public init(processor: any LogRecordProcessor, logLevel: Logger.Level = .info, metadata: Logger.Metadata = [:]) {
        self.init(processor: processor, logLevel: logLevel, metadata: metadata, clock: .system)
    }

    package init(
        processor: any LogRecordProcessor, logLevel: Logger.Level = .info, metadata: Logger.Metadata = [:],
        clock: WallClock
    ) {
        self.processor = processor
        self.logLevel = logLevel
        self.metadata = metadata
        self.clock = clock
    }

    /// Passes the line on. The processor limits how much is queued.
    public func log(event: LogEvent) {
        let now = clock.now()
        let context = ServiceContext.current
        var attributes: SpanAttributes = [:]
        attributes.reserveCapacity(metadata.count + event.metadata.count + 3)
        for field in metadata { attributes.set(field.key, field.value) }
        if let requestID = context?.requestID { attributes[LogField.requestID] = .string(requestID) }
        for field in event.metadata { attributes.set(field.key, field.value) }
        if let error = event.error {
            attributes[Attribute.exceptionType] = .string(ErrorTypeName.of(error))
            attributes[Attribute.exceptionMessage] = .string(String(describing: error))
            if let text = (error as? any StackTraceError)?.stackTrace, !text.isEmpty {
                attributes[Attribute.exceptionStackTrace] = .string(text)
            }
        }
        processor.onEmit(
            LogRecordData(
                timestamp: now, observedTimestamp: now, severityNumber: event.level.severityNumber,
                severityText: event.level.rawValue, body: event.message, attributes: attributes,
                spanContext: context?.spanContext))
    }
}

extension Logger.Level {
    /// The level as an OpenTelemetry severity number (Logs Data Model, "SeverityNumber").
    package var severityNumber: Int {
        switch self {
        case .trace: 1
        case .debug: 5
        case .info: 9
        case .notice: 10
        case .warning: 13
        case .error: 17
        case .critical: 21
        }
    }
}

extension SpanAttributes {
    /// Sets a log field. Attributes support neither objects nor mixed lists: objects are flattened and lists become
    /// text.
    fileprivate mutating func set(_ key: String, _ value: Logger.MetadataValue) {
        switch value {
        case .string(let text): self[key] = .string(text)
        case .integer(let number): self[key] = .int64(number)
        case .double(let number): self[key] = .double(number)
        case .bool(let flag): self[key] = .bool(flag)
        case .dictionary(let fields): for field in fields { set(key + "." + field.key, field.value) }
        case .array(let values):
            let integers = values.compactMap { if case .integer(let number) = $0 { number } else { nil } }
            self[key] =
                integers.count == values.count && !values.isEmpty
                ? .int64Array(integers) : .stringArray(values.map(\.description))
        }
    }
}
