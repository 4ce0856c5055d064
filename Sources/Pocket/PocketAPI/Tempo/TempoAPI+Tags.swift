import Encoding
import HTTP
import PocketStore
import TraceQL
import Vocabulary

extension TempoAPI {
    /// The scopes of names, in the order of the answer.
    private static let scopes: [TraceQL.Scope] = [.resource, .span, .event, .link, .instrumentation]

    func tags(_ request: Request, isVersion2: Bool) async throws -> Response {
        let parameters = request.queryParameters
        let scope = parameters["scope"] ?? ""
        let known = ["", "none", "intrinsic"] + Self.scopes.map(\.rawValue)
        guard known.contains(scope) else { throw Problem("invalid scope: \(scope)") }
        let range = try Self.range(parameters)
        let filter = Self.filter(parameters)
        let names = scope == "intrinsic" ? TagNames() : try await store.tagNames(filter: filter, range: range)
        var answer: [(name: String, tags: [String])] = []
        if scope.isEmpty || scope == "none" || scope == "intrinsic" {
            answer.append(("intrinsic", TraceQL.Intrinsic.offeredNames))
        }
        for candidate in Self.scopes where scope.isEmpty || scope == "none" || scope == candidate.rawValue {
            let tags = names[candidate].sorted()
            if !tags.isEmpty { answer.append((candidate.rawValue, tags)) }
        }
        return try await store.database.work { [answer] in
            Self.response(names: answer, scope, isVersion2)
        }
    }

    private static func response(
        names answer: [(name: String, tags: [String])], _ scope: String, _ isVersion2: Bool
    ) -> Response {
        .json { (json: inout JSONWriter) in
            json.object { json in
                if isVersion2 {
                    json.name("scopes")
                    json.array { json in
                        for scope in answer { json.scope(scope.name, scope.tags) }
                    }
                } else {
                    json.name("tagNames")
                    // The older answer only includes intrinsics if they are asked for.
                    let tags = answer.filter { $0.name != "intrinsic" || scope == "intrinsic" }.flatMap(\.tags)
                    json.strings(Set(tags).sorted())
                }
                json.name("metrics")
                json.object { _ in }
            }
        }
    }

    func tagValues(_ request: Request, tag: String, isVersion2: Bool) async throws -> Response {
        let parameters = request.queryParameters
        let field = isVersion2 ? try Self.field(tag) : Self.bareField(tag)
        let limit = try Self.count("limit", parameters, default: 1000)
        let range = try Self.range(parameters)
        let values: [TraceQL.Value]
        switch field {
        case .intrinsic(.status): values = TraceQL.Status.allCases.map { .status($0) }
        case .intrinsic(.kind): values = TraceQL.Kind.allCases.map { .kind($0) }
        // Nobody picks a duration or an id from a list.
        case .intrinsic(let intrinsic) where intrinsic.isUnbounded: values = []
        default:
            let filter = isVersion2 ? Self.filter(parameters) : nil
            values = try await store.tagValues(of: field, filter: filter, range: range, limit: limit)
        }
        return try await store.database.work { [values] in Self.response(values: values, isVersion2) }
    }

    private static func response(values: [TraceQL.Value], _ isVersion2: Bool) -> Response {
        .json { (json: inout JSONWriter) in
            json.object { json in
                json.name("tagValues")
                if isVersion2 {
                    json.array { json in
                        for value in values {
                            json.object {
                                $0.member("type", value.typeName)
                                if !value.text.isEmpty { $0.member("value", value.text) }
                            }
                        }
                    }
                } else {
                    json.strings(values.map(\.text))
                }
                json.name("metrics")
                json.object { _ in }
            }
        }
    }

    private static func field(_ tag: String) throws -> TraceQL.Field {
        do throws(TraceQL.QueryError) {
            return try TraceQL.parseField(tag)
        } catch {
            throw Problem("please provide a valid tagName: failed to parse identifier \(tag): \(error)")
        }
    }

    /// The older form names attributes without a scope.
    private static func bareField(_ tag: String) -> TraceQL.Field {
        if tag == Attribute.serviceName { return .attribute(.resource, tag) }
        return TraceQL.Intrinsic.named(tag).map { .intrinsic($0) } ?? .attribute(.any, tag)
    }

    /// The filter of a half-written query: as in Tempo, a query that cannot be parsed yet filters nothing.
    private static func filter(_ parameters: QueryParameters) -> TraceQL.Query? {
        parameters["q"].flatMap { try? TraceQL.parse($0) }
    }
}

extension TraceQL.Intrinsic {
    fileprivate var isUnbounded: Bool {
        switch self {
        case .duration, .traceDuration, .traceID, .spanID, .parentID, .childCount, .eventTimeSinceStart, .linkTraceID,
            .linkSpanID:
            true
        default: false
        }
    }
}

extension JSONWriter {
    fileprivate mutating func scope(_ name: String, _ tags: [String]) {
        object { json in
            json.member("name", name)
            json.name("tags")
            json.strings(tags)
        }
    }

    fileprivate mutating func strings(_ values: [String]) {
        array { json in
            for value in values { json.value(value) }
        }
    }
}
