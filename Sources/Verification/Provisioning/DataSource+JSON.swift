import Encoding

extension DataSource {
    /// Reads an entry of `datasources` in a provisioning file, or of the answer to `GET /api/datasources`; both name
    /// their fields alike. `nil` for what is no object with a type.
    init?(_ json: JSONValue) {
        guard let type = json["type"]?.string else { return nil }
        let settings = json["jsonData"]
        self.init(
            name: json["name"]?.plainText ?? "", uid: json["uid"]?.plainText ?? "", type: type,
            url: json["url"]?.plainText ?? "",
            derivedFields: (settings?["derivedFields"]?.array ?? []).compactMap { DerivedField($0) },
            tracesToLogs: settings?["tracesToLogsV2"].flatMap { TracesToLogs($0) })
    }
}

extension DerivedField {
    /// `nil` for a field that no line can have.
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
    /// `nil` without a data source: then Grafana makes no link.
    init?(_ json: JSONValue) {
        guard let uid = json["datasourceUid"]?.plainText, !uid.isEmpty else { return nil }
        let query = json["query"]?.plainText ?? ""
        self.init(
            datasourceUID: uid, startShift: json["spanStartTimeShift"]?.plainText ?? "",
            endShift: json["spanEndTimeShift"]?.plainText ?? "",
            tags: (json["tags"]?.array ?? []).compactMap { tag in
                let label = tag["value"]?.plainText ?? ""
                return tag["key"]?.plainText.map { Tag($0, label.isEmpty ? nil : label) }
            },
            customQuery: json["customQuery"]?.bool == true && !query.isEmpty ? query : nil,
            filtersByTraceID: json["filterByTraceID"]?.bool ?? false,
            filtersBySpanID: json["filterBySpanID"]?.bool ?? false)
    }
}
