import Encoding
import OTel

/// Turns OTLP log records into lines as Loki does: the resource's identity becomes labels, all else structured metadata.
enum OTLPIntake {
    /// The resource attributes that are labels (Loki's `default_resource_attributes_as_index_labels`).
    private static let labelAttributes: Set<String> = [
        "service.name", "service.namespace", "service.instance.id", "deployment.environment",
        "deployment.environment.name", "cloud.region", "cloud.availability_zone", "k8s.cluster.name",
        "k8s.namespace.name", "k8s.pod.name", "k8s.container.name", "container.name", "k8s.replicaset.name",
        "k8s.deployment.name", "k8s.statefulset.name", "k8s.daemonset.name", "k8s.cronjob.name", "k8s.job.name",
    ]

    static func add(_ logs: OTLPLogs, to intake: inout LogIntake, now: UInt64) {
        for group in logs.resourceLogs {
            var labels: [Label] = []
            var shared: [Label] = []
            for attribute in group.resource {
                if labelAttributes.contains(attribute.key) {
                    append(attribute.key, attribute.value, to: &labels)
                } else {
                    append(attribute.key, attribute.value, to: &shared)
                }
            }
            for attribute in group.scope.attributes { append(attribute.key, attribute.value, to: &shared) }
            if !group.scope.name.isEmpty { shared.append(Label("scope_name", group.scope.name)) }
            if !group.scope.version.isEmpty { shared.append(Label("scope_version", group.scope.version)) }
            guard let stream = intake.stream(labels, count: group.records.count) else { continue }
            for record in group.records {
                let time = record.time > 0 ? record.time : record.observedTime > 0 ? record.observedTime : now
                intake.add(
                    to: stream, time: time, line: text(of: record.body), metadata: metadata(of: record, shared))
            }
        }
    }

    /// What a record says besides its body; where names collide, the record's own attribute counts.
    private static func metadata(of record: OTLPLogRecord, _ shared: [Label]) -> [Label] {
        var result: [Label] = []
        for attribute in record.attributes { append(attribute.key, attribute.value, to: &result) }
        if record.time != 0, record.observedTime != 0 {
            result.append(Label("observed_timestamp", String(record.observedTime)))
        }
        if record.severityNumber != 0 { result.append(Label("severity_number", String(record.severityNumber))) }
        if !record.severityText.isEmpty { result.append(Label("severity_text", record.severityText)) }
        if record.droppedAttributesCount != 0 {
            result.append(Label("dropped_attributes_count", String(record.droppedAttributesCount)))
        }
        if record.flags != 0 { result.append(Label("flags", String(record.flags))) }
        if !record.eventName.isEmpty { result.append(Label("event_name", record.eventName)) }
        if let id = record.traceID { result.append(Label("trace_id", id.description)) }
        if let id = record.spanID { result.append(Label("span_id", id.description)) }
        for label in shared where result[label.name] == nil { result.append(label) }
        return result
    }

    private static func append(_ key: String, _ value: OTLPValue, to labels: inout [Label]) {
        if case .keyValueList(let members) = value {
            for member in members { append(key + "_" + member.key, member.value, to: &labels) }
        } else {
            let name = LineParsers.sanitized(key)
            if labels[name] == nil { labels.append(Label(name, text(of: value))) }
        }
    }

    /// A scalar as its text, lists and maps as JSON.
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
