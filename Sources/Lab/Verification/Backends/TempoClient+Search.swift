import Encoding
import HTTP

extension TempoClient {
    /// A trace in a search result.
    package struct Found: Sendable, Equatable {
        /// 32 hex digits, with the leading zeros that Tempo's search leaves out.
        package var traceID: String
        /// For example `gateway`; Tempo's placeholder while the root is missing.
        package var rootService: String
        package var rootName: String
        /// Nanoseconds since the Unix epoch.
        package var startNS: UInt64
        /// In whole milliseconds, truncated.
        package var durationMS: UInt64
        /// Nanoseconds since the Unix epoch, with the precision of whole milliseconds.
        var endNS: UInt64 {
            let (duration, overflows) = durationMS.multipliedReportingOverflow(by: 1_000_000)
            return overflows ? .max : startNS.saturatingSum(duration)
        }

        package init(
            traceID: String, rootService: String = "", rootName: String = "", startNS: UInt64 = 0,
            durationMS: UInt64 = 0
        ) {
            self.traceID = traceID
            self.rootService = rootService
            self.rootName = rootName
            self.startNS = startNS
            self.durationMS = durationMS
        }
    }

    /// The traces that match a TraceQL query, newest first.
    /// - Parameters:
    ///   - range: nanoseconds since the Unix epoch. Tempo counts in whole seconds: every second that overlaps the range.
    ///   - limit: the maximum number of traces.
    /// - Throws: ``BackendError``.
    package func search(_ query: String, in range: Range<UInt64>, limit: Int) async throws -> [Found] {
        let start = range.lowerBound / 1_000_000_000
        let end = max(start + 1, range.upperBound / 1_000_000_000 + (range.upperBound % 1_000_000_000 > 0 ? 1 : 0))
        let query = query + " with (most_recent=true)"
        let response = try await endpoint.get(
            "/api/search?q=\(PercentEncoding.encode(query))&start=\(start)&end=\(end)&limit=\(limit)&spss=1",
            accept: "application/json")
        guard response.status == .ok else { throw endpoint.error(response) }
        do {
            let json = try JSONValue(parsing: response.body)
            guard json.object != nil else { throw TraceJSON.Malformed(description: "expected an object") }
            // An answer without traces omits the member.
            return try (json["traces"]?.array ?? []).map(Self.found).sorted { $0.startNS > $1.startNS }
        } catch {
            throw endpoint.error("the answer cannot be read: \(error)")
        }
    }

    private static func found(_ json: JSONValue) throws -> Found {
        guard let id = json["traceID"]?.string?.lowercased(), !id.isEmpty, id.utf8.count <= 32,
            id.utf8.allSatisfy({ Hex.value($0) != nil })
        else { throw TraceJSON.Malformed(description: "a trace without a traceID") }
        return Found(
            traceID: padded(id), rootService: json["rootServiceName"]?.string ?? "",
            rootName: json["rootTraceName"]?.string ?? "", startNS: TraceJSON.time(json["startTimeUnixNano"]) ?? 0,
            durationMS: TraceJSON.time(json["durationMs"]) ?? 0)
    }

    /// The id with its leading zeros restored.
    package static func padded(_ id: String) -> String {
        String(repeating: "0", count: max(0, 32 - id.utf8.count)) + id.lowercased()
    }
}
