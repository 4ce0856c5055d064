import Encoding
import HTTP
import Vocabulary

/// Queries log lines from Loki or a server with its HTTP API. Safe to use from any thread.
package struct LokiClient: Sendable {
    /// Whether the oldest or the newest lines come first.
    package enum Direction: String, Sendable {
        case forward, backward
    }

    /// Loki refuses to return more lines than this at once.
    package static let largestPage = 5000

    let endpoint: Endpoint
    private let pageSize: Int

    /// - Parameters:
    ///   - baseURL: such as `http://127.0.0.1:3100`.
    ///   - tenant: the tenant of the lines, where Loki keeps several tenants apart.
    ///   - timeout: for one request.
    ///   - pageSize: how many lines one request asks for, 1 to 5000.
    package init(
        baseURL: String, tenant: Tenant? = nil, transport: any HTTPTransport, timeout: Duration = .seconds(30),
        pageSize: Int = LokiClient.largestPage
    ) {
        endpoint = Endpoint(
            backend: "Loki", baseURL: baseURL, tenant: tenant, transport: transport, timeout: timeout)
        self.pageSize = max(1, min(pageSize, Self.largestPage))
    }

    init(endpoint: Endpoint) {
        self.endpoint = endpoint
        pageSize = Self.largestPage
    }

    /// A LogQL query for all lines, of any writer, whose structured metadata has a trace id.
    package static func query(traceID: String) -> String { LogStreams.lines(ofTrace: traceID) }

    /// The lines of a trace, oldest first.
    /// - Parameter range: nanoseconds since the Unix epoch; the end is excluded.
    package func lines(traceID: String, in range: Range<UInt64>) async throws -> [LogRecord] {
        try await lines(Self.query(traceID: traceID), in: range)
    }

    /// The lines that match a LogQL query, oldest first, fetched page by page.
    /// - Parameters:
    ///   - range: nanoseconds since the Unix epoch; the end is excluded.
    ///   - limit: the maximum number of lines; `nil` for all.
    ///   - direction: which lines a `limit` leaves out: the newest (forward) or the oldest (backward).
    /// - Throws: ``BackendError``.
    package func lines(
        _ query: String, in range: Range<UInt64>, limit: Int? = nil, direction: Direction = .forward
    ) async throws -> [LogRecord] {
        var result: [LogRecord] = []
        var range = range
        /// The lines already received for the timestamp at which the next page begins.
        var edge: [LogRecord] = []
        while !range.isEmpty, limit.map({ result.count < $0 }) ?? true {
            let wanted = min(limit.map { $0 - result.count + edge.count } ?? pageSize, pageSize)
            let page = try await page(query, range, wanted, direction)
            result += Self.without(edge, page)
            guard page.count >= wanted, let last = page.last?.timestampNS else { break }
            guard page.first?.timestampNS != last || page.count < pageSize || edge.isEmpty else {
                throw endpoint.error("more than \(pageSize) lines of one moment (\(last) ns) cannot be read")
            }
            edge = page.filter { $0.timestampNS == last }
            // The next page begins at the timestamp where this one ended: there may be more lines with that timestamp.
            range = direction == .forward ? last..<range.upperBound : range.lowerBound..<last + 1
        }
        if direction == .backward { result.reverse() }
        return result
    }

    /// Distinguishes lines from each other.
    private struct Identity: Hashable {
        var timestampNS: UInt64
        var labels: [String: String]
        var line: String

        init(_ record: LogRecord) {
            timestampNS = record.timestampNS
            labels = record.labels
            line = record.line
        }
    }

    /// `page` without one occurrence of each of `known`.
    private static func without(_ known: [LogRecord], _ page: [LogRecord]) -> [LogRecord] {
        guard !known.isEmpty else { return page }
        var left: [Identity: Int] = [:]
        for record in known { left[Identity(record), default: 0] += 1 }
        return page.filter { record in
            let identity = Identity(record)
            guard let count = left[identity], count > 0 else { return true }
            left[identity] = count - 1
            return false
        }
    }

    private func page(
        _ query: String, _ range: Range<UInt64>, _ limit: Int, _ direction: Direction
    ) async throws -> [LogRecord] {
        let path =
            "/loki/api/v1/query_range?query=\(PercentEncoding.encode(query))&start=\(range.lowerBound)"
            + "&end=\(range.upperBound)&limit=\(limit)&direction=\(direction.rawValue)"
        let response = try await endpoint.get(path, accept: "application/json")
        guard response.status == .ok else { throw endpoint.error(response) }
        do {
            let records = try StreamsJSON.records(JSONValue(parsing: response.body))
            // Lines with equal times keep the order in which they arrived.
            return records.enumerated().sorted {
                let (left, right) = ($0.element.timestampNS, $1.element.timestampNS)
                guard left == right else { return direction == .forward ? left < right : left > right }
                return $0.offset < $1.offset
            }.map(\.element)
        } catch {
            throw endpoint.error("the answer cannot be read: \(error)")
        }
    }
}

/// Reads Loki's answer to a log query: streams of time and line.
enum StreamsJSON {
    struct Malformed: Error, CustomStringConvertible {
        var description: String
    }

    static func records(_ answer: JSONValue) throws -> [LogRecord] {
        guard let data = answer["data"], data["resultType"]?.string == "streams", let streams = data["result"]?.array
        else { throw Malformed(description: "expected data of the type streams") }
        return try streams.flatMap { stream in
            let shared = labels(stream["stream"])
            return try (stream["values"]?.array ?? []).map { entry in
                guard let time = entry[0]?.string.flatMap({ UInt64($0) }), let line = entry[1]?.string else {
                    throw Malformed(description: "expected an entry of a time in nanoseconds and a line")
                }
                // On request, structured metadata comes with the entry; otherwise Loki merges it into the stream.
                var all = shared
                if let own = entry[2] {
                    for part in ["structuredMetadata", "parsed"] {
                        all.merge(labels(own[part])) { _, new in new }
                    }
                }
                return LogRecord(timestampNS: time, labels: all, line: line)
            }
        }
    }

    private static func labels(_ json: JSONValue?) -> [String: String] {
        var result: [String: String] = [:]
        for member in json?.object?.members ?? [] { result[member.name] = member.value.plainText ?? "" }
        return result
    }
}
