import Encoding
import LogQL
import OTLP
import QuerySupport
import TraceContext
import Vocabulary

/// Converts OTLP log records to lines as Loki does with `loki/loki.yaml`: the attributes listed there become labels,
/// everything else structured metadata.
///
/// If a name has several values, the last counts, in this order: the record's attributes, its fields, the resource's
/// attributes, the scope's. The ids of the record's own trace and span come last, so that a line is always found by its
/// own trace, whatever an attribute is called.
package enum OTLPIntake {
    package static func add(_ logs: OTLPLogs, to intake: inout LogIntake, now: UInt64) {
        for group in logs.resourceLogs {
            var labels = LabelSet()
            var shared = LabelSet()
            for attribute in group.resource {
                if LokiLimits.labelResourceAttributes.contains(attribute.key) {
                    set(attribute.key, attribute.value, in: &labels)
                } else {
                    set(attribute.key, attribute.value, in: &shared)
                }
            }
            for attribute in group.scope.attributes { set(attribute.key, attribute.value, in: &shared) }
            if !group.scope.name.isEmpty { shared.set(LokiMetadata.scopeName, group.scope.name) }
            if !group.scope.version.isEmpty { shared.set("scope_version", group.scope.version) }
            var streams: [[Label]: LogIntake.Stream] = [:]
            for record in group.records {
                add(record, labels, shared, &streams, to: &intake, now)
            }
        }
    }

    private static func add(
        _ record: OTLPLogRecord, _ resourceLabels: LabelSet, _ shared: LabelSet,
        _ streams: inout [[Label]: LogIntake.Stream], to intake: inout LogIntake, _ now: UInt64
    ) {
        var labels = resourceLabels
        var metadata = LabelSet()
        for attribute in record.attributes {
            // The field with that name has the same content and takes precedence (Loki's `event_name`).
            if attribute.key == "event_name", !record.eventName.isEmpty { continue }
            if LokiLimits.labelLogAttributes.contains(attribute.key) {
                set(attribute.key, attribute.value, in: &labels)
            } else {
                set(attribute.key, attribute.value, in: &metadata)
            }
        }
        setFields(of: record, in: &metadata)
        metadata.set(shared)
        if let id = record.traceID { metadata.set(LogField.traceID, id.description) }
        if let id = record.spanID { metadata.set(LogField.spanID, id.description) }
        guard let stream = streams[labels.labels] ?? intake.stream(labels.labels, count: 1) else { return }
        streams[labels.labels] = stream
        let time = record.time > 0 ? record.time : record.observedTime > 0 ? record.observedTime : now
        intake.add(to: stream, time: time, line: text(of: record.body), metadata: metadata)
    }

    private static func setFields(of record: OTLPLogRecord, in metadata: inout LabelSet) {
        if record.time != 0, record.observedTime != 0 {
            metadata.set(LokiMetadata.observedTimestamp, String(record.observedTime))
        }
        if record.severityNumber != 0 { metadata.set(LokiMetadata.severityNumber, String(record.severityNumber)) }
        if !record.severityText.isEmpty { metadata.set(LokiMetadata.severityText, record.severityText) }
        if record.droppedAttributesCount != 0 {
            metadata.set("dropped_attributes_count", String(record.droppedAttributesCount))
        }
        if record.flags != 0 { metadata.set(LokiMetadata.flags, String(record.flags)) }
        if !record.eventName.isEmpty { metadata.set("event_name", record.eventName) }
    }

    private static func set(_ key: String, _ value: OTLPValue, in labels: inout LabelSet) {
        if case .keyValueList(let members) = value {
            for member in members { set(key + "_" + member.key, member.value, in: &labels) }
        } else {
            labels.set(LabelNames.normalized(key), text(of: value))
        }
    }

    /// A scalar as text, lists and maps as JSON.
    private static func text(of value: OTLPValue) -> String {
        switch value {
        case .empty: ""
        case .string(let text): text
        case .bool(let value): value.description
        case .int(let value): value.description
        case .double(let value): FloatFormat.string(value)
        case .bytes(let bytes): Base64.string(bytes)
        case .array, .keyValueList: json(value).description
        }
    }

    private static func json(_ value: OTLPValue) -> JSONValue {
        switch value {
        case .empty: .null
        case .string(let text): .string(text)
        case .bool(let value): .bool(value)
        case .int(let value): .integer(value)
        case .double(let value): .double(value)
        case .bytes(let bytes): .string(Base64.string(bytes))
        case .array(let values): .array(values.map(json))
        case .keyValueList(let members): .object(JSONObject(members.map { ($0.key, json($0.value)) }))
        }
    }
}
