import Encoding
import Foundation
import Testing
import YAML

@testable import PocketStore
@testable import QuerySupport

/// Loki's configuration file and the pocket stack's code must have the same limits.
@Suite("The limits shared with loki.yaml") struct LokiLimitsTests {
    private static func file() throws -> JSONValue {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return try YAML.document(Array(Data(contentsOf: root.appending(path: "loki/loki.yaml"))))
    }

    /// A value of the file as a number: nanoseconds, bytes, or as it is. `${NAME:-default}` is its default.
    private static func number(_ value: JSONValue?) -> Int64? {
        guard let value else { return nil }
        if let number = value.integer { return number }
        var text = value.string ?? ""
        if text.hasPrefix("${"), let start = text.firstRange(of: ":-") {
            text = String(text[start.upperBound...].dropLast())
        }
        if let nanoseconds = Measure.duration(text) { return nanoseconds }
        // In Loki's file KB is 1024 bytes.
        let units: [(String, Int64)] = [("KB", 1 << 10), ("MB", 1 << 20)]
        for (unit, size) in units where text.hasSuffix(unit) { return Int64(text.dropLast(2)).map { $0 * size } }
        return nil
    }

    private static let mirrored: [String: Int64] = [
        "reject_old_samples_max_age": Int64(LokiLimits.maximumAge),
        "creation_grace_period": Int64(LokiLimits.maximumLead),
        "max_line_size": Int64(LokiLimits.maximumLineLength),
        "max_structured_metadata_entries_count": Int64(LokiLimits.maximumMetadataCount),
        "max_global_streams_per_user": Int64(LokiLimits.maximumStreams),
        "max_label_names_per_series": Int64(LokiLimits.maximumLabelCount),
        "max_entries_limit_per_query": Int64(LokiLimits.maximumEntries),
        "max_query_series": Int64(LokiLimits.maximumSeries),
    ]

    /// What the pocket stack has ways of its own for, or always does.
    private static let others: Set = [
        // RETENTION and RETENTION_SIZE.
        "retention_period",
        // Always so.
        "reject_old_samples", "allow_structured_metadata", "max_line_size_truncate",
        // One process takes what it can, and says 429 or 503 beyond.
        "ingestion_rate_mb", "ingestion_burst_size_mb", "per_stream_rate_limit", "per_stream_rate_limit_burst",
        "max_query_parallelism", "query_timeout", "volume_enabled",
        // Compared below.
        "otlp_config",
    ]

    @Test(arguments: mirrored.keys.sorted())
    func theLimitsEqualThoseInLokiYAML(name: String) throws {
        #expect(Self.number(try Self.file()["limits_config"]?[name]) == Self.mirrored[name])
    }

    @Test func everyLimitInLokiYAMLIsAccountedFor() throws {
        let names = try #require(try Self.file()["limits_config"]?.object?.members.map(\.name))
        #expect(Set(names) == Self.others.union(Self.mirrored.keys))
        #expect(try Self.number(Self.file()["ingester"]?["max_chunk_age"]) == Int64(LokiLimits.activity))
        for name in ["reject_old_samples", "allow_structured_metadata", "max_line_size_truncate"] {
            #expect(try Self.file()["limits_config"]?[name] == true)
        }
    }

    @Test func theOTLPLabelsEqualThoseInLokiYAML() throws {
        let otlp = try #require(try Self.file()["limits_config"]?["otlp_config"])
        #expect(otlp["resource_attributes"]?["ignore_defaults"] == true)
        func labels(_ rules: JSONValue?) -> Set<String> {
            Set(
                (rules?.array ?? []).filter { $0["action"] == "index_label" }.flatMap { rule in
                    (rule["attributes"]?.array ?? []).compactMap(\.string)
                })
        }
        #expect(labels(otlp["resource_attributes"]?["attributes_config"]) == LokiLimits.labelResourceAttributes)
        #expect(labels(otlp["log_attributes"]) == LokiLimits.labelLogAttributes)
    }
}
