import Encoding
import HTTP
import PocketStore
import QuerySupport
import TraceContext
import TraceQL

extension ConsoleReading {
    /// `GET trace/{id}`: a trace by its id or the beginning of its id, with its log lines.
    func trace(_ text: String) async throws -> Response {
        if let id = TraceID(padding: text), let answer = try await answer(id) { return answer }
        let candidates = try await ids(beginningWith: text)
        if candidates.count == 1, let id = TraceID(candidates[0]), let answer = try await answer(id) { return answer }
        var problem = ReadingProblem(
            .notFound, type: "no-such-trace",
            candidates.count > 1
                ? "several traces have ids that begin with \(text)"
                : "there is no trace \(text); it may not have arrived yet, or be too old")
        let lines = if let id = TraceID(padding: text) { try await lineCount(of: id) } else { 0 }
        problem.missingTrace = (lines, candidates.count > 1 ? candidates : [])
        throw problem
    }

    private func answer(_ id: TraceID) async throws -> Response? {
        try await database.read { database, budget in
            guard let trace = try StoredTrace.read(id, from: database, budget, contexts: StoredContexts()) else {
                return nil
            }
            return try TraceJSON(trace).response(LogReader(database: database, budget: budget))
        }
    }
}

/// A trace as the reading API answers it.
struct TraceJSON {
    private let trace: StoredTrace
    private let facts: TraceFacts
    private let tree: SpanTree

    /// The maximum number of log lines in an answer.
    static let maximumLines = 5000

    init(_ trace: StoredTrace) {
        self.trace = trace
        facts = TraceFacts(trace.spans)
        tree = SpanTree(trace.spans)
    }

    func response(_ reader: LogReader) throws -> Response {
        try .json { (json: inout JSONWriter) throws in
            try json.object { json in
                json.member("id", trace.id.description)
                json.member("start", String(facts.start))
                json.member("duration", facts.duration)
                json.member("complete", tree.isComplete)
                let resources = resources
                json.name("resources")
                json.array { json in
                    for context in resources.contexts {
                        json.object { json in
                            for (name, value) in Self.attributes(of: context) {
                                json.name(name)
                                json.attribute(value)
                            }
                        }
                    }
                }
                let critical = tree.criticalPath()
                json.name("spans")
                try json.array { json in
                    for index in tree.order {
                        try write(index, resources.indices[index], critical[index], to: &json, reader.budget)
                    }
                }
                try writeLines(to: &json, reader)
            }
        }
    }

    /// The different resources, and the index of each span's one.
    private var resources: (contexts: [StoredContext], indices: [Int]) {
        var contexts: [StoredContext] = []
        var known: [ObjectIdentifier: Int] = [:]
        var byBytes: [[UInt8]: Int] = [:]
        let indices = trace.spans.map { span in
            let context = span.context
            if let index = known[ObjectIdentifier(context)] { return index }
            let index = byBytes[context.resource] ?? contexts.count
            if index == contexts.count {
                contexts.append(context)
                byBytes[context.resource] = index
            }
            known[ObjectIdentifier(context)] = index
            return index
        }
        return (contexts, indices)
    }

    private static func attributes(of context: StoredContext) -> [(name: String, value: TraceQL.Value)] {
        context.values.compactMap { field, value in
            if case .attribute(.resource, let name) = field { (name: name, value: value) } else { nil }
        }.sorted { $0.name < $1.name }
    }

    private func write(
        _ index: Int, _ resource: Int, _ critical: [SpanTree.Interval], to json: inout JSONWriter, _ budget: QueryBudget
    ) throws {
        let span = trace.spans[index]
        let columns = span.columns
        // Charged before it is written: the JSON of a field may be many times as large.
        try budget.charge(16 + span.payload.count)
        let content = SpanContent(span)
        let size = json.output.count
        json.object { json in
            json.member("id", Hex.string(columns.spanID))
            json.optional("parent", columns.parentID == 0 ? nil : Hex.string(columns.parentID))
            json.member("service", span.context.service)
            json.member("name", columns.name)
            json.member("kind", columns.kind.name)
            json.member("start", columns.start - facts.start)
            json.member("duration", columns.duration)
            json.member("status", columns.status.name)
            json.member("message", content.message)
            json.member("resource", resource)
            json.name("scope")
            json.attribute(span.context.values[.intrinsic(.instrumentationName)] ?? .string(""))
            json.name("attributes")
            json.attributes(content.attributes)
            json.name("events")
            json.array { json in
                for event in content.events {
                    json.object {
                        $0.member("name", event.name)
                        $0.member("time", Int64(clamping: event.time).minus(Int64(clamping: facts.start)))
                        $0.name("attributes")
                        $0.attributes(event.attributes)
                    }
                }
            }
            json.name("links")
            json.array { json in
                for link in content.links {
                    json.object {
                        $0.member("trace", link.trace)
                        $0.member("span", link.span)
                        $0.name("attributes")
                        $0.attributes(link.attributes)
                    }
                }
            }
            json.member("own", tree.ownTime(of: index))
            json.name("critical")
            json.array { json in
                for part in critical {
                    json.array {
                        $0.value(part.start - facts.start)
                        $0.value(part.length)
                    }
                }
            }
        }
        try budget.hold(json.output.count - size)
    }

    private func writeLines(to json: inout JSONWriter, _ reader: LogReader) throws {
        var count = 0
        var isCut = false
        json.name("lines")
        try json.array { json in
            try reader.forEachLine(of: trace.id) { line in
                guard count < Self.maximumLines else {
                    isCut = true
                    return false
                }
                count += 1
                try LineJSON(line, nil, reader.budget).write(to: &json, offsetFrom: facts.start, reader.budget)
                return true
            }
        }
        json.member("linesCut", isCut)
    }
}
