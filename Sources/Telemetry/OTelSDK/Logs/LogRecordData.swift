import TraceContext
import Tracing

/// A log record, as processors and exporters see it (OpenTelemetry Logs Data Model).
public struct LogRecordData: Sendable {
    /// When it happened: nanoseconds since the Unix epoch.
    public var timestamp: UInt64
    /// When the SDK saw it: nanoseconds since the Unix epoch.
    public var observedTimestamp: UInt64
    /// How much it matters: 1 (trace) to 24 (fatal 4).
    public var severityNumber: Int
    /// The level as the source names it.
    public var severityText: String
    /// What happened.
    public var body: String
    /// The line's fields.
    public var attributes: SpanAttributes
    /// The span during which it was logged.
    public var spanContext: SpanContext?

    /// Creates a record.
    public init(
        timestamp: UInt64, observedTimestamp: UInt64, severityNumber: Int, severityText: String, body: String,
        attributes: SpanAttributes = [:], spanContext: SpanContext? = nil
    ) {
        self.timestamp = timestamp
        self.observedTimestamp = observedTimestamp
        self.severityNumber = severityNumber
        self.severityText = severityText
        self.body = body
        self.attributes = attributes
        self.spanContext = spanContext
    }
}
