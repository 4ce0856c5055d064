import Encoding
import HTTP
import PocketStore
import QuerySupport
import TraceContext
import TraceQL
import Vocabulary

extension TempoAPI {
    func search(_ request: Request) async throws -> Response {
        let parameters = request.queryParameters
        let text = parameters["q"].flatMap { $0.isEmpty ? nil : $0 }
        let tags = parameters["tags"].flatMap { $0.isEmpty ? nil : $0 }
        if text != nil, tags != nil { throw Problem("invalid request: can't specify tags and q in the same query") }
        let limit = try Self.count("limit", parameters, default: 20)
        let spansPerSpanSet = try Self.spansPerSpanSet(parameters)
        let range = try Self.range(parameters)
        return try await store.database.read { database, budget in
            var search = TraceSearchRequest(
                query: try text.map { (text) throws(TraceQL.QueryError) in try TraceQL.parse(text) }
                    ?? Self.query(tags: tags ?? "", parameters))
            search.limit = limit
            search.spansPerSpanSet = spansPerSpanSet ?? search.spansPerSpanSet
            search.range = range
            let result = try TraceStore.search(search, database, budget)
            return try Self.response(result, showsSpans: text != nil, budget)
        }
    }

    private static func response(
        _ result: TraceSearchResult, showsSpans: Bool, _ budget: QueryBudget
    ) throws -> Response {
        try .json { (json: inout JSONWriter) in
            try json.object { json in
                json.name("traces")
                try json.array { json in
                    for trace in result.traces {
                        try json.charged(budget) { $0.trace(trace, showsSpans: showsSpans) }
                    }
                }
                json.name("metrics")
                json.object {
                    if result.inspectedSpans > 0 {
                        $0.member("inspectedBytes", String(result.inspectedBytes))
                        $0.member("inspectedSpans", String(result.inspectedSpans))
                    }
                    $0.member("completedJobs", result.isPartial ? 0 : 1)
                    $0.member("totalJobs", 1)
                }
            }
        }
    }

    /// The query for the older parameters: `tags` in logfmt, and `minDuration` and `maxDuration` of the trace.
    private static func query(tags: String, _ parameters: QueryParameters) throws -> TraceQL.Query {
        var conditions: [TraceQL.Expression] = []
        for (name, value) in try Logfmt.pairs(tags) { conditions.append(condition(name, value)) }
        if let minimum = try duration("minDuration", parameters) {
            conditions.append(.binary(.greaterOrEqual, .traceDuration, .literal(.duration(minimum))))
        }
        if let maximum = try duration("maxDuration", parameters) {
            conditions.append(.binary(.lessOrEqual, .traceDuration, .literal(.duration(maximum))))
        }
        let all = conditions.reduce(nil as TraceQL.Expression?) { all, next in
            all.map { .binary(.and, $0, next) } ?? next
        }
        return TraceQL.Query(stages: [.spanset(.filter(all ?? .literal(.bool(true))))])
    }

    /// Tags are untyped: `200` may be a number or a string.
    private static func condition(_ name: String, _ value: String) -> TraceQL.Expression {
        let field = TraceQL.Expression.field(
            name == Attribute.serviceName
                ? .attribute(.resource, name)
                : TraceQL.Intrinsic.named(name).map { .intrinsic($0) } ?? .attribute(.any, name))
        var values: [TraceQL.Value] = [.string(value)]
        if let integer = Int64(value) { values.append(.integer(integer)) }
        if let double = Double(value) { values.append(.double(double)) }
        if let bool = Bool(value) { values.append(.bool(bool)) }
        values += TraceQL.Status.allCases.filter { $0.name == value }.map { .status($0) }
        values += TraceQL.Kind.allCases.filter { $0.name == value }.map { .kind($0) }
        return values.dropFirst().reduce(.binary(.equal, field, .literal(values[0]))) {
            .binary(.or, $0, .binary(.equal, field, .literal($1)))
        }
    }
}

extension TraceQL.Expression {
    fileprivate static let traceDuration = TraceQL.Expression.field(.intrinsic(.traceDuration))
}

/// `key=value key="a value"`.
enum Logfmt {
    static func pairs(_ text: String) throws -> [(name: String, value: String)] {
        var result: [(name: String, value: String)] = []
        var rest = text[...].drop { $0 == " " }
        while !rest.isEmpty {
            let name = rest.prefix { $0 != "=" && $0 != " " }
            rest = rest.dropFirst(name.count)
            guard !name.isEmpty, rest.first == "=" else {
                throw TempoAPI.Problem("invalid tags: expected key=value at \"\(name)\(rest)\"")
            }
            rest = rest.dropFirst()
            var value = ""
            if rest.first == "\"" {
                rest = rest.dropFirst()
                while let character = rest.popFirst(), character != "\"" {
                    value.append(character == "\\" ? rest.popFirst() ?? character : character)
                }
            } else {
                value = String(rest.prefix { $0 != " " })
                rest = rest.dropFirst(value.count)
            }
            result.append((String(name), value))
            rest = rest.drop { $0 == " " }
        }
        return result
    }
}

extension JSONWriter {
    /// A trace in a search result: its id without leading zeros, as in Tempo.
    fileprivate mutating func trace(_ trace: FoundTrace, showsSpans: Bool) {
        object { json in
            let id = trace.id.description.drop { $0 == "0" }
            json.member("traceID", String(id))
            json.member(
                "rootServiceName", trace.rootService.isEmpty ? "<root span not yet received>" : trace.rootService)
            if !trace.rootName.isEmpty { json.member("rootTraceName", trace.rootName) }
            json.member("startTimeUnixNano", String(trace.start))
            let milliseconds = trace.duration / 1_000_000
            if milliseconds > 0 { json.member("durationMs", milliseconds) }
            guard showsSpans else { return }
            if let first = trace.spanSets.first {
                json.name("spanSet")
                json.spanSet(first)
            }
            json.name("spanSets")
            json.array { json in
                for set in trace.spanSets { json.spanSet(set) }
            }
            json.name("serviceStats")
            json.object { json in
                for service in trace.services {
                    json.name(service.service)
                    json.object {
                        $0.member("spanCount", service.spans)
                        if service.errors > 0 { $0.member("errorCount", service.errors) }
                    }
                }
            }
        }
    }

    private mutating func spanSet(_ set: FoundSpanSet) {
        object { json in
            json.name("spans")
            json.array { json in
                for span in set.spans { json.span(span) }
            }
            json.member("matched", set.matched)
            json.attributes(set.attributes)
        }
    }

    private mutating func span(_ span: FoundSpan) {
        object { json in
            json.member("spanID", Hex.string(span.id))
            if let name = span.name { json.member("name", name) }
            json.member("startTimeUnixNano", String(span.start))
            if span.duration > 0 { json.member("durationNanos", String(span.duration)) }
            json.attributes(span.attributes)
        }
    }

    private mutating func attributes(_ attributes: [(key: String, value: TraceQL.Value)]) {
        guard !attributes.isEmpty else { return }
        name("attributes")
        array { json in
            for attribute in attributes {
                json.object { json in
                    json.member("key", attribute.key)
                    json.name("value")
                    json.anyValue(attribute.value)
                }
            }
        }
    }

    /// A value as OTLP's `AnyValue`.
    mutating func anyValue(_ value: TraceQL.Value) {
        object { json in
            switch value {
            case .integer(let value): json.member("intValue", String(value))
            case .double(let value): json.member("doubleValue", value)
            case .bool(let value): json.member("boolValue", value)
            case .list(let elements):
                json.name("arrayValue")
                json.object { json in
                    json.name("values")
                    json.array { json in
                        for element in elements { json.anyValue(element) }
                    }
                }
            default: json.member("stringValue", value.text)
            }
        }
    }
}
