extension TraceQL {
    /// A field of a span that a query can read: an attribute or an intrinsic.
    package enum Field: Hashable, Sendable, CustomStringConvertible {
        case attribute(Scope, String)
        case intrinsic(Intrinsic)

        /// Its spelling in a query.
        package var description: String {
            switch self {
            case .attribute(let scope, let name):
                scope.prefix + (name.contains(where: { !Lexer.isAttributeCharacter($0) }) ? "\"\(name)\"" : name)
            case .intrinsic(let intrinsic): intrinsic.rawValue
            }
        }

        /// The key of the value in a search result.
        package var resultKey: String {
            switch self {
            case .attribute(_, let name): name
            case .intrinsic(let intrinsic): intrinsic.rawValue
            }
        }

        var type: ValueType {
            if case .intrinsic(let intrinsic) = self { intrinsic.type } else { .any }
        }

        /// Whether it depends on the whole trace, not on the span alone.
        package var isOfTrace: Bool {
            switch self {
            case .intrinsic(.traceDuration), .intrinsic(.rootName), .intrinsic(.rootServiceName),
                .intrinsic(.childCount):
                true
            default: false
            }
        }
    }

    /// Where to look for an attribute.
    package enum Scope: String, Hashable, Sendable, CaseIterable {
        /// The span, then its resource.
        case any = ""
        case resource
        case span
        case event
        case link
        case instrumentation

        var prefix: String { rawValue + "." }
    }

    /// The fields that every span has. Raw values are the names in their first form; ``named(_:)`` knows the others
    /// too.
    package enum Intrinsic: String, Hashable, Sendable, CaseIterable {
        case name, status, statusMessage, kind, duration
        case traceDuration, rootName, rootServiceName
        case traceID = "trace:id"
        case spanID = "span:id"
        case parentID = "span:parentID"
        case childCount = "span:childCount"
        case eventName = "event:name"
        case eventTimeSinceStart = "event:timeSinceStart"
        case linkTraceID = "link:traceID"
        case linkSpanID = "link:spanID"
        case instrumentationName = "instrumentation:name"
        case instrumentationVersion = "instrumentation:version"

        private static let scoped: [String: Intrinsic] = [
            "trace:duration": .traceDuration, "trace:rootName": .rootName, "trace:rootService": .rootServiceName,
            "span:duration": .duration, "span:name": .name, "span:kind": .kind, "span:status": .status,
            "span:statusMessage": .statusMessage,
        ]

        /// The names offered for completion, sorted: all but `span:childCount`, as in Tempo.
        package static let offeredNames = (allCases.filter { $0 != .childCount }.map(\.rawValue) + scoped.keys).sorted()

        package static func named(_ name: String) -> Intrinsic? { Intrinsic(rawValue: name) ?? scoped[name] }

        var type: ValueType {
            switch self {
            case .duration, .traceDuration, .eventTimeSinceStart: .duration
            case .status: .status
            case .kind: .kind
            case .childCount: .integer
            default: .string
            }
        }
    }
}
