import Encoding
import OTLP
import QuerySupport
import SQLite
import TraceQL
import Vocabulary

/// Which service calls which, in a range of time: the requests whose parent is a span of another service, and the calls
/// that failed without reaching the other service.
struct ServiceEdges {
    private struct Edge: Hashable {
        var from: String
        var to: String
    }

    private struct Calls {
        var durations: [UInt64] = []
        var errors = 0
    }

    private var edges: [Edge: Calls] = [:]

    init(_ range: ClosedRange<UInt64>, _ database: Database, _ budget: QueryBudget) throws {
        let parameters = [range.lowerBound, range.upperBound].map { Database.Value.integer(Int64(clamping: $0)) }
        try readRequests(parameters, database, budget)
        try readLostCalls(parameters, database, budget)
    }

    private mutating func add(_ edge: Edge, duration: UInt64, isError: Bool, _ budget: QueryBudget) throws {
        try budget.hold(16)
        edges[edge, default: Calls()].durations.append(duration)
        if isError { edges[edge]?.errors += 1 }
    }

    /// The time of a call is what the caller waits for: its own span's, or the consumer's of a message.
    private mutating func readRequests(
        _ range: [Database.Value], _ database: Database, _ budget: QueryBudget
    ) throws {
        let (server, client, consumer) = (TraceQL.Kind.server, TraceQL.Kind.client, TraceQL.Kind.consumer)
        try database.forEachRow(
            dynamic: """
                SELECT caller.service, callee.service, parent.kind, parent.duration, request.duration,
                    max(parent.kind = \(client.rawValue) AND parent.status = 2, request.status = 2)
                FROM spans AS request INDEXED BY spans_by_start
                JOIN spans AS parent INDEXED BY spans_by_trace ON parent.trace_low = request.trace_low
                    AND parent.span_id = request.parent_id AND parent.trace_high = request.trace_high
                JOIN trace_contexts AS caller ON caller.id = parent.context
                JOIN trace_contexts AS callee ON callee.id = request.context
                WHERE request.start BETWEEN ? AND ? AND request.kind IN (\(server.rawValue), \(consumer.rawValue))
                    AND caller.service <> callee.service
                """, range
        ) { row in
            try budget.charge(8)
            let isCall = row.int64(2) == Int64(client.rawValue)
            try add(
                Edge(from: row.text(0), to: row.text(1)), duration: UInt64(clamping: row.int64(isCall ? 3 : 4)),
                isError: row.int64(5) == 1, budget)
            return true
        }
    }

    private mutating func readLostCalls(
        _ range: [Database.Value], _ database: Database, _ budget: QueryBudget
    ) throws {
        try database.forEachRow(
            dynamic: """
                SELECT caller.service, call.duration, call.payload
                FROM spans AS call INDEXED BY failed_spans_by_start
                JOIN trace_contexts AS caller ON caller.id = call.context
                WHERE call.start BETWEEN ? AND ? AND call.status = 2 AND call.kind = \(TraceQL.Kind.client.rawValue)
                    AND NOT EXISTS (SELECT 1 FROM spans AS request WHERE request.trace_low = call.trace_low
                        AND request.trace_high = call.trace_high AND request.parent_id = call.span_id)
                """, range
        ) { row in
            try budget.charge(8)
            guard let peer = row.withBytes(2, Self.peer) else { return true }
            try add(
                Edge(from: row.text(0), to: peer), duration: UInt64(clamping: row.int64(1)), isError: true, budget)
            return true
        }
    }

    /// The service that a call went to, if the span says so: a call of a database does not.
    private static func peer(_ payload: UnsafeBufferPointer<UInt8>) -> String? {
        let attributes = SpanContent(payload: payload).attributes
        guard case .string(let name)? = attributes.first(where: { $0.name == Attribute.peerName })?.value else {
            return nil
        }
        return name
    }

    func write(to json: inout JSONWriter) {
        json.array { json in
            for (edge, calls) in edges.sorted(by: { ($0.key.from, $0.key.to) < ($1.key.from, $1.key.to) }) {
                json.object {
                    $0.member("from", edge.from)
                    $0.member("to", edge.to)
                    $0.member("calls", calls.durations.count)
                    $0.member("errors", calls.errors)
                    $0.name("p95")
                    $0.optional(Rank.p95.value(of: calls.durations.sorted()))
                }
            }
        }
    }
}
