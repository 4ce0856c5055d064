import Encoding

extension DataSource {
    /// Reads an entry of `datasources` in a provisioning file, or of the answer to `GET /api/datasources`; both use the
    /// same field names. `nil` for anything but an object with a type.
    init?(_ json: JSONValue) {
        guard let type = json["type"]?.string else { return nil }
        let settings = json["jsonData"]
        self.init(
            name: json["name"]?.plainText ?? "", uid: json["uid"]?.plainText ?? "", type: type,
            url: json["url"]?.plainText ?? "",
            derivedFields: (settings?["derivedFields"]?.array ?? []).compactMap { DerivedField($0) },
            tracesToLogs: settings?["tracesToLogsV2"].flatMap { TracesToLogs($0) },
            traceQuery: TraceQuerySetting(settings?["traceQuery"]),
            tracesToMetrics: settings?["tracesToMetrics"].flatMap { TracesToMetrics($0) },
            serviceMapUID: settings?["serviceMap"]?["datasourceUid"]?.presentText,
            spanBarTag: settings?["spanBar"].flatMap {
                $0["type"]?.string == "Tag" ? $0["tag"]?.presentText : nil
            },
            exemplars: (settings?["exemplarTraceIdDestinations"]?.array ?? []).map { ExemplarLink($0) },
            isDefault: json["isDefault"]?.bool ?? false,
            headers: Self.headers(settings?.object?.members ?? [], json["secureJsonData"]))
    }

    /// `httpHeaderName1` pairs with `httpHeaderValue1`, which is secret.
    private static func headers(
        _ settings: [(name: String, value: JSONValue)], _ secrets: JSONValue?
    ) -> [String: String] {
        var result: [String: String] = [:]
        for member in settings where member.name.hasPrefix("httpHeaderName") {
            guard let name = member.value.presentText,
                let value = secrets?["httpHeaderValue" + member.name.dropFirst(14)]?.presentText
            else { continue }
            result[name.lowercased()] = value
        }
        return result
    }
}

extension DerivedField {
    /// `nil` if the field cannot match any line.
    init?(_ json: JSONValue) {
        // Without a matcherType Grafana searches the line.
        guard let matcher = Matcher(rawValue: json["matcherType"]?.string ?? Matcher.regex.rawValue) else { return nil }
        let uid = json["datasourceUid"]?.plainText ?? ""
        self.init(
            name: json["name"]?.plainText ?? "", matcher: matcher, expression: json["matcherRegex"]?.plainText ?? "",
            url: json["url"]?.plainText ?? "", datasourceUID: uid.isEmpty ? nil : uid)
    }
}

extension TracesToLogs {
    /// `nil` without a data source: Grafana then makes no link.
    init?(_ json: JSONValue) {
        guard let uid = json["datasourceUid"]?.plainText, !uid.isEmpty else { return nil }
        let query = json["query"]?.plainText ?? ""
        self.init(
            datasourceUID: uid, startShift: json["spanStartTimeShift"]?.plainText ?? "",
            endShift: json["spanEndTimeShift"]?.plainText ?? "",
            tags: (json["tags"]?.array ?? []).compactMap { Tag($0) },
            customQuery: json["customQuery"]?.bool == true && !query.isEmpty ? query : nil,
            filtersByTraceID: json["filterByTraceID"]?.bool ?? false,
            filtersBySpanID: json["filterBySpanID"]?.bool ?? false)
    }
}

extension TracesToLogs.Tag {
    init?(_ json: JSONValue) {
        guard let key = json["key"]?.plainText else { return nil }
        self.init(key, json["value"]?.presentText)
    }
}

extension TraceQuerySetting {
    init(_ json: JSONValue?) {
        self.init(
            isShifted: json?["timeShiftEnabled"]?.bool ?? false,
            startShift: json?["spanStartTimeShift"]?.plainText ?? "",
            endShift: json?["spanEndTimeShift"]?.plainText ?? "")
    }
}

extension TracesToMetrics {
    /// `nil` without a data source: Grafana then makes no link.
    init?(_ json: JSONValue) {
        guard let uid = json["datasourceUid"]?.presentText else { return nil }
        self.init(
            datasourceUID: uid, tags: (json["tags"]?.array ?? []).compactMap { TracesToLogs.Tag($0) },
            queries: (json["queries"]?.array ?? []).map {
                Query($0["name"]?.plainText ?? "", $0["query"]?.presentText)
            })
    }
}

extension ExemplarLink {
    init(_ json: JSONValue) {
        self.init(label: json["name"]?.plainText ?? "", datasourceUID: json["datasourceUid"]?.presentText)
    }
}

extension JSONValue {
    /// Its text; `nil` if absent or empty.
    var presentText: String? { plainText.flatMap { $0.isEmpty ? nil : $0 } }
}
