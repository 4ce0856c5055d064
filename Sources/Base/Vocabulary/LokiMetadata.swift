/// Structured metadata that no field of ours becomes: what Loki adds to lines, and what it calls the parts of OTLP's
/// log records.
@usableFromInline package enum LokiMetadata {
    /// The level that Loki finds in a line.
    @inlinable package static var detectedLevel: String { "detected_level" }
    /// On a line that was cut.
    @inlinable package static var truncated: String { "truncated" }
    @inlinable package static var severityText: String { "severity_text" }
    @inlinable package static var severityNumber: String { "severity_number" }
    @inlinable package static var observedTimestamp: String { "observed_timestamp" }
    @inlinable package static var scopeName: String { "scope_name" }
    @inlinable package static var flags: String { "flags" }
}
