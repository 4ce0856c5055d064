import Encoding
import HTTP
import LogQL
import PocketStore
import QuerySupport
import RegularExpressions
import TraceContext
import Vocabulary

extension ConsoleReading {
    /// `GET find`: the traces that a text means.
    func find(_ request: Request) async throws -> Response {
        guard let given = ReadingParameters(request)["text"] else {
            throw ReadingProblem(type: "invalid-parameter", "text: expected a trace id, its beginning or a task id")
        }
        let text = String(String.UnicodeScalarView(given.unicodeScalars.filter { !$0.properties.isWhitespace }))
        if let context = TraceParent.parse(text) {
            let digits = context.traceID.description
            return answer(.trace, try await ids(beginningWith: digits), digits)
        }
        if let prefix = TracePrefix(text) {
            let ids = try await ids(beginningWith: prefix.text)
            if !ids.isEmpty { return answer(.trace, ids, prefix.text) }
        }
        let (ids, isComplete) = try await database.read { database, budget in
            try TaskSearch(task: text).traces(LogReader(database: database, budget: budget))
        }
        return answer(.task, ids, text, isComplete: isComplete)
    }

    private enum Finding: String { case trace, task, none }

    private func answer(_ kind: Finding, _ ids: [String], _ text: String, isComplete: Bool = true) -> Response {
        .json { (json: inout JSONWriter) in
            json.object {
                $0.member("kind", ids.isEmpty ? Finding.none.rawValue : kind.rawValue)
                $0.name("ids")
                $0.array { for id in ids { $0.value(id) } }
                $0.member("text", text)
                $0.member("complete", isComplete)
            }
        }
    }

    /// The maximum number of traces that are offered.
    static let maximumCandidates = 20

    /// The traces whose ids begin so; with a whole id, also one of which only log lines are known.
    func ids(beginningWith digits: String) async throws -> [String] {
        guard let prefix = TracePrefix(digits) else { return [] }
        let ids = try await sources.traces.traceIDs(prefix, limit: Self.maximumCandidates).map(\.description)
        if ids.isEmpty, let id = TraceID(prefix.text), try await lineCount(of: id) > 0 { return [id.description] }
        return ids.sorted()
    }

    /// The number of log lines that name the trace.
    func lineCount(of id: TraceID) async throws -> Int {
        try await database.read { database, budget in
            let reader = LogReader(database: database, budget: budget)
            var count = 0
            try reader.forEachLine(of: id) { _ in
                count += 1
                return true
            }
            return count
        }
    }
}

extension LogReader {
    /// Passes the lines that carry the trace's id to `body`, in order of time, until it returns `false`.
    func forEachLine(of trace: TraceID, _ body: (StoredLine) throws -> Bool) throws {
        let text = trace.description
        let streams = try streams([], from: 0, to: .max)
        try forEachLine(of: streams, from: 0, to: .max, newestFirst: false, traceKey: TraceKey.of(text)) { line in
            // The index knows half of the id.
            try line.metadata()[LogField.traceID] == text ? body(line) : true
        }
    }
}

/// The traces of a task, found in the log lines.
struct TaskSearch: Sendable {
    let task: String
    /// A shorter text is in too many lines.
    private static let minimumLength = 4

    /// The traces whose lines name the task, newest first, and whether all lines were looked at.
    func traces(_ reader: LogReader) throws -> (ids: [String], isComplete: Bool) {
        let wanted = Array(task.utf8)
        guard wanted.count >= Self.minimumLength else { return ([], true) }
        var ids: [String] = []
        let isComplete = try reader.budget.pass { pass in
            let streams = try reader.streams([], from: 0, to: .max)
            try reader.forEachLine(of: streams, from: 0, to: .max, newestFirst: true) { line in
                guard pass.goesOn() else { return false }
                try reader.budget.charge(1 + line.text.count / 64)
                guard line.text.contains(text: wanted) || line.metadataBytes.contains(text: wanted) else { return true }
                let fields = try LineFieldList(line, reader.budget)
                guard fields[LogField.taskID] == task, let id = fields[LogField.traceID], TraceID(id) != nil,
                    !ids.contains(id)
                else { return true }
                ids.append(id)
                return ids.count < ConsoleReading.maximumCandidates
            }
        }
        return (ids, isComplete)
    }
}
