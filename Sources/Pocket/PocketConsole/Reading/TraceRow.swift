import Encoding
import PocketStore
import QuerySupport
import SQLite
import TraceContext
import TraceQL
import Vocabulary

/// One trace in a list.
struct TraceRow {
    private struct Service {
        var spans = 0
        var errors = 0
        var own: UInt64 = 0
    }

    private let trace: StoredTrace
    private let facts: TraceFacts
    private var services: [String: Service] = [:]
    private var errors = 0

    init(_ trace: StoredTrace) {
        self.trace = trace
        facts = TraceFacts(trace.spans)
        let tree = SpanTree(trace.spans)
        for (index, span) in trace.spans.enumerated() {
            let own = tree.ownTime(of: index)
            services[span.context.service, default: Service()].spans += 1
            services[span.context.service]?.own += own
            guard span.columns.status == .error else { continue }
            errors += 1
            services[span.context.service]?.errors += 1
        }
    }

    /// The status of the response to the request that began the trace.
    private var status: Int64? {
        let roots = trace.spans.filter { $0.columns.parentID == 0 }
        let entry = (roots.isEmpty ? trace.spans : roots).min { $0.columns.start < $1.columns.start }
        guard let entry else { return nil }
        let value = SpanContent(entry).attributes.last { $0.name == Attribute.httpResponseStatus }?.value
        if case .integer(let status)? = value { return status } else { return nil }
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("id", trace.id.description)
            json.member("start", String(facts.start))
            json.member("duration", facts.duration)
            json.member("service", facts.entry.service)
            json.member("name", facts.entry.name)
            json.name("status")
            if let status { json.value(status) } else { json.null() }
            json.member("error", errors > 0)
            json.member("spans", trace.spans.count)
            json.member("errors", errors)
            json.name("services")
            json.array { json in
                for (name, service) in services.sorted(by: { $0.key < $1.key }) {
                    json.object {
                        $0.member("name", name)
                        $0.member("spans", service.spans)
                        $0.member("errors", service.errors)
                        $0.member("own", service.own)
                    }
                }
            }
        }
    }
}

extension JSONWriter {
    /// Reads a trace and writes it as a member of a list.
    mutating func trace(
        _ id: TraceID, _ database: Database, _ budget: QueryBudget, _ contexts: StoredContexts
    ) throws {
        let held = budget.bytes
        // A trace may have been removed since it was counted.
        guard let trace = try StoredTrace.read(id, from: database, budget, contexts: contexts) else { return }
        // The trace is only held until it has been written, the text until the end.
        budget.release(to: held)
        let size = output.count
        try budget.charge(16 * trace.spans.count)
        TraceRow(trace).write(to: &self)
        try budget.hold(output.count - size)
    }
}
