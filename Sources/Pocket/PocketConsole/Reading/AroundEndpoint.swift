import Encoding
import HTTP
import LogQL
import PocketStore
import QuerySupport
import Vocabulary

extension ConsoleReading {
    /// `GET around`: a line with its neighbours in time.
    func around(_ request: Request) async throws -> Response {
        let parameters = ReadingParameters(request)
        guard let time = try parameters.time("time") else {
            throw ReadingProblem(type: "invalid-parameter", "time: expected the line's time")
        }
        let counts = 0...500
        let neighbours = LineNeighbours(
            time: time, key: parameters["key"], service: parameters["service"],
            before: try parameters.count("before", default: 5, in: counts),
            after: try parameters.count("after", default: 5, in: counts))
        return try await database.read { database, budget in
            try neighbours.response(LogReader(database: database, budget: budget))
        }
    }
}

/// The lines before and after one line.
struct LineNeighbours: Sendable {
    var time: Int64
    /// The line's ``LineJSON/key(of:)``; without one, the neighbours of the time.
    var key: String?
    /// Only lines of this service.
    var service: String?
    var before: Int
    var after: Int

    func response(_ reader: LogReader) throws -> Response {
        let streams = try reader.streams([], from: 0, to: .max).filter {
            service == nil || $0.labels[LogField.service] == service || $0.labels[LokiShape.serviceName] == service
        }
        // Each line as JSON, newest first: lines of the same time are in order of arrival, and those that came after
        // the line are met before it.
        var earlier: [[UInt8]] = []
        var later: [[UInt8]] = []
        var found: [UInt8]?
        try reader.forEachLine(of: streams, from: 0, to: time.plus(1), newestFirst: true) { line in
            if found == nil, let key {
                if line.time < time { return false }
                if LineJSON.key(of: line) == key {
                    found = try json(of: line, reader.budget)
                } else {
                    later.append(try json(of: line, reader.budget))
                    if later.count > after { later.removeFirst() }
                }
                return true
            }
            guard earlier.count < before else { return false }
            earlier.append(try json(of: line, reader.budget))
            return true
        }
        if key != nil, found == nil { throw ReadingProblem(.notFound, type: "no-such-line", "the line is not stored") }
        later.reverse()
        try reader.forEachLine(of: streams, from: time.plus(1), to: .max, newestFirst: false) { line in
            guard later.count < after else { return false }
            later.append(try json(of: line, reader.budget))
            return true
        }
        let lines = earlier.reversed() + [found].compactMap { $0 } + later
        let body = Array("{\"lines\":[".utf8) + lines.joined(separator: [UInt8(ascii: ",")]) + Array("]}".utf8)
        return Response(headers: [Header.contentType: "application/json"], body: body)
    }

    private func json(of line: StoredLine, _ budget: QueryBudget) throws -> [UInt8] {
        var json = JSONWriter()
        try LineJSON(line, nil, budget).write(to: &json, budget)
        return json.bytes
    }
}
