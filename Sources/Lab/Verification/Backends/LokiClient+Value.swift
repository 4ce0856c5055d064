import Encoding
import HTTP

extension LokiClient {
    /// The value of a metric query at one moment: the sum of its samples, 0 if there are none.
    /// - Parameters:
    ///   - query: LogQL, such as `sum(count_over_time({service="tasks"}[5m]))`.
    ///   - time: nanoseconds since the Unix epoch.
    /// - Throws: ``BackendError``.
    package func value(_ query: String, at time: UInt64) async throws -> Double {
        let response = try await endpoint.get(
            "/loki/api/v1/query?query=\(PercentEncoding.encode(query))&time=\(time)", accept: "application/json")
        guard response.status == .ok else { throw endpoint.error(response) }
        do {
            return try InstantJSON.sum(JSONValue(parsing: response.body))
        } catch {
            throw endpoint.error("the answer cannot be read: \(error)")
        }
    }
}

/// Reads the answer to an instant query: a vector of samples, or one number.
enum InstantJSON {
    static func sum(_ answer: JSONValue) throws -> Double {
        guard let data = answer["data"], let result = data["result"] else {
            throw StreamsJSON.Malformed(description: "expected data with a result")
        }
        switch data["resultType"]?.string {
        case "scalar": return try number(result)
        case "vector":
            return try (result.array ?? []).reduce(0) { sum, sample in
                try sum + number(sample["value"] ?? .null)
            }
        default: throw StreamsJSON.Malformed(description: "expected data of the type vector")
        }
    }

    /// The number in a pair of time and value.
    private static func number(_ pair: JSONValue) throws -> Double {
        guard let value = pair[1]?.string.flatMap({ Double($0) }) else {
            throw StreamsJSON.Malformed(description: "expected a sample of a time and a value")
        }
        return value
    }
}
