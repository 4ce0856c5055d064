import Encoding
import HTTP
import Vocabulary

@testable import Verification

extension HTTPClient {
    func get(_ url: String, headers: HTTPFields = [:]) async throws -> Response {
        try await execute(Request(url: url, headers: headers), timeout: .seconds(20))
    }

    /// Asks the gateway at `url` for a task.
    func createTask(
        _ url: String, query: String = "", traceID: String? = nil, guild: String = "g-1", amount: Int64 = 5,
        size: Int64 = 100, key: String? = nil
    ) async throws -> Response {
        let body: JSONValue = [
            "guild_id": .string(guild), "amount": .integer(amount),
            "workload": ["kind": "sha256", "size": .integer(size)],
        ]
        var headers: HTTPFields = ["content-type": "application/json"]
        if let traceID { headers[Header.traceParent] = "00-\(traceID)-b7ad6b7169203331-01" }
        if let key { headers[Header.idempotencyKey] = key }
        return try await execute(
            Request(
                method: .post, url: url + "/v1/tasks" + query, headers: headers, body: Array(body.description.utf8)),
            timeout: .seconds(30))
    }

    /// What `/metrics` at `url` says.
    func metrics(_ url: String) async throws -> Samples {
        Samples(all: MetricsText.samples(try await get(url + "/metrics").text))
    }
}

extension HTTPClient.Response {
    var text: String { String(decoding: body, as: UTF8.self) }
}

/// The samples of a Prometheus text.
struct Samples {
    let all: [MetricsText.Sample]

    /// The sum of the samples of a name whose labels satisfy a condition.
    func sum(_ name: String, where isWanted: ([String: String]) -> Bool = { _ in true }) -> Double {
        all.filter { $0.name == name && isWanted($0.labels) }.reduce(0) { $0 + $1.value }
    }

    /// The values of a label among the samples of a name that are not zero.
    func labels(_ label: String, of name: String) -> Set<String> {
        Set(all.filter { $0.name == name && $0.value != 0 }.compactMap { $0.labels[label] })
    }
}

/// A trace id that nobody else has in this test.
func traceID(_ number: Int) -> String { "7a115fa9" + String(repeating: "0", count: 8) + Hex.string(UInt64(number + 1)) }
