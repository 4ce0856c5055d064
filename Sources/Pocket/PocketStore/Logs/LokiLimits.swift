import Vocabulary

/// The settings of `loki/loki.yaml`, which the pocket stack shares; where the file has no setting, Loki's default.
package enum LokiLimits {
    private static let hour: UInt64 = 3600 * 1_000_000_000

    // MARK: Ingestion

    /// `reject_old_samples_max_age`, in nanoseconds.
    static let maximumAge = 168 * hour
    /// `creation_grace_period`, in nanoseconds: how far ahead a sender's clock may be.
    package static let maximumLead = hour / 6
    /// `max_line_size`, in bytes. With `max_line_size_truncate` longer lines are cut, not rejected.
    package static let maximumLineLength = 256 << 10
    /// `max_structured_metadata_entries_count`, per line.
    static let maximumMetadataCount = 64
    /// `max_structured_metadata_size`: the total bytes of names and values per line (Loki's default).
    static let maximumMetadataSize = 64 << 10
    /// `max_label_names_per_series`.
    static let maximumLabelCount = 15
    /// `max_label_name_length`, in bytes (Loki's default).
    static let maximumLabelNameLength = 1024
    /// `max_label_value_length`, in bytes (Loki's default).
    static let maximumLabelValueLength = 2048
    /// `max_global_streams_per_user`: streams that received lines within ``activity``.
    package static let maximumStreams = 1000
    /// `ingester.max_chunk_age`, in nanoseconds: how long a stream counts as active after its last line.
    package static let activity = hour

    /// `otlp_config.resource_attributes` that become labels.
    static let labelResourceAttributes: Set = [
        Attribute.serviceName, Attribute.serviceNamespace, LokiShape.job, LogField.service,
    ]
    /// `otlp_config.log_attributes` that become labels.
    static let labelLogAttributes: Set = [LogField.level]

    // MARK: Queries

    /// `max_entries_limit_per_query`.
    package static let maximumEntries = 5000
    /// `max_query_series`.
    static let maximumSeries = 1000
}
