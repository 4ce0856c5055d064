import TraceContext
import Tracing

/// A log record, as processors and exporters see it (OpenTelemetry Logs Data Model).
public struct LogRecordData: Sendable {
    /// When the event happened, in nanoseconds since the Unix epoch.
    public var timestamp: UInt64
    /// When the SDK observed it, in nanoseconds since the Unix epoch.
    public var observedTimestamp: UInt64
    /// The severity, from 1 (trace) to 24 (fatal 4).
    public var severityNumber: Int
    /// The name of the level at its source.
    public var severityText: String
    /// The message.
    public var body: String
    /// The line's fields.
    public var attributes: SpanAttributes
    /// The span that was active when the line was logged.
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
