import Tracing
import Vocabulary

/// One span of a trace, with its position and its content.
struct CorpusSpan: Sendable {
    let service: ServiceRole
    let kind: SpanKind
    let name: String
    /// The index of its parent in ``all``; `nil` for the root.
    let parent: Int?
    /// In nanoseconds: `offset` is the time from the trace's start, `duration` the span's length.
    let offset: UInt64
    let duration: UInt64

    private init(_ service: ServiceRole, _ kind: SpanKind, _ name: String, _ parent: Int?, _ from: UInt64, _ to: UInt64)
    {
        self.service = service
        self.kind = kind
        self.name = name
        self.parent = parent
        offset = from * 1000
        duration = (to - from) * 1000
    }

    /// The spans of a synchronous task; times in microseconds.
    static let all = [
        CorpusSpan(.gateway, .server, "POST /v1/tasks", nil, 0, 2400),
        CorpusSpan(.gateway, .client, "POST /v1/tasks", 0, 60, 2340),
        CorpusSpan(.tasks, .server, "POST /v1/tasks", 1, 160, 2240),
        CorpusSpan(.tasks, .client, "INSERT tasks", 2, 200, 240),
        CorpusSpan(.tasks, .client, "POST /v1/reservations", 2, 260, 820),
        CorpusSpan(.payments, .server, "POST /v1/reservations", 4, 360, 720),
        CorpusSpan(.payments, .client, "INSERT reservations", 5, 400, 480),
        CorpusSpan(.tasks, .client, "UPDATE tasks", 2, 840, 880),
        CorpusSpan(.tasks, .client, "UPDATE tasks", 2, 890, 930),
        CorpusSpan(.tasks, .client, "POST /v1/executions", 2, 950, 1500),
        CorpusSpan(.executor, .server, "POST /v1/executions", 9, 1050, 1400),
        CorpusSpan(.executor, .internal, "compute sort", 10, 1090, 1300),
        CorpusSpan(.tasks, .client, "POST /v1/settlements", 2, 1520, 2080),
        CorpusSpan(.payments, .server, "POST /v1/settlements", 12, 1620, 1980),
        CorpusSpan(.payments, .client, "UPDATE reservations", 13, 1660, 1740),
        CorpusSpan(.tasks, .client, "UPDATE tasks", 2, 2100, 2140),
    ]

    /// As the services set them.
    func attributes(requestID: String, taskID: String) -> SpanAttributes {
        let words = name.split(separator: " ")
        let (verb, object) = (String(words[0]), String(words[1]))
        switch kind {
        case .server:
            return [
                "http.request.method": .string(verb), "http.route": .string(object), "url.path": .string(object),
                "url.scheme": "http", "client.address": "127.0.0.1", "user_agent.original": "tailspan",
                Attribute.requestID: .string(requestID), "http.response.status_code": 201,
            ]
        case .client where object.hasPrefix("/"):
            return [
                "http.request.method": .string(verb), "server.address": "127.0.0.1", "server.port": 8081,
                "url.full": .string("http://127.0.0.1:8081" + object), "url.template": .string(object),
                "service.peer.name": "tasks", "http.response.status_code": 201,
            ]
        case .client:
            return [
                "db.system.name": "sqlite", "db.namespace": .string(service.rawValue),
                "db.operation.name": .string(verb), "db.collection.name": .string(object),
                "db.query.summary": .string(name),
            ]
        default:
            return [
                Attribute.taskID: .string(taskID), Attribute.workloadKind: .string(object),
                Attribute.workloadSize: 10,
            ]
        }
    }
}
