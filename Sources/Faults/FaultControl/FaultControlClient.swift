import Encoding
import FaultRules
import HTTP
import Vocabulary

/// Reads and changes the faults of a running service through its control API. Safe to use from any thread.
package struct FaultControlClient: Sendable {
    /// Sends one request; throws `HTTPClientError` if there is no answer.
    package typealias Send = @Sendable (HTTPClient.Request, Duration) async throws -> HTTPClient.Response

    /// The service's address, without a trailing slash.
    package let baseURL: String
    private let token: String?
    private let timeout: Duration
    private let send: Send

    /// - Parameters:
    ///   - token: the service's `ADMIN_TOKEN`; not needed over loopback.
    ///   - timeout: the timeout of each request.
    package init(baseURL: String, token: String?, timeout: Duration = .seconds(5), send: @escaping Send) {
        self.baseURL = baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL
        self.token = token
        self.timeout = timeout
        self.send = send
    }

    package init(baseURL: String, token: String?, timeout: Duration = .seconds(5), client: HTTPClient) {
        self.init(baseURL: baseURL, token: token, timeout: timeout) { try await client.execute($0, timeout: $1) }
    }

    /// Returns the rules that are set and how often they took effect.
    /// - Throws: ``FaultControlError``, like every method of this client.
    package func get() async throws -> FaultState { try await state(.get, FaultControl.path) }

    /// Replaces all rules with `rules`, and the seed if one is given.
    @discardableResult
    package func put(_ rules: [FaultRule], seed: UInt64? = nil) async throws -> FaultState {
        try await state(.put, FaultControl.path, Self.body(rules, seed: seed))
    }

    /// Adds rules. If one is refused, none is added.
    @discardableResult
    package func post(_ rules: [FaultRule]) async throws -> FaultState {
        try await state(.post, FaultControl.path, Self.body(rules))
    }

    /// Has the service's spans, lines and metrics keep silent about faults, or mark them again.
    @discardableResult
    package func hide(_ isHidden: Bool) async throws -> FaultState {
        var json = JSONWriter()
        json.object { $0.member("hidden", isHidden) }
        return try await state(.put, FaultControl.hiddenPath, json.bytes)
    }

    /// Removes all rules.
    package func delete() async throws { _ = try await answer(.delete, FaultControl.path) }

    /// Removes one rule. Returns `false` if no rule has that id.
    package func delete(id: String) async throws -> Bool {
        do {
            _ = try await answer(.delete, FaultControl.path + "/" + id)
            return true
        } catch let error as FaultControlError where error.status == 404 {
            return false
        }
    }

    /// Returns the injections with a number above `number` that the service still holds.
    package func ledger(after number: Int = 0) async throws -> [FaultLedger.Entry] {
        let path = FaultControl.ledgerPath + "?after=\(number)"
        return try await answer(.get, path).body.split(separator: UInt8(ascii: "\n")).map { line in
            guard let json = try? JSONValue(parsing: Array(line)), let entry = FaultLedger.Entry(json) else {
                throw error("its ledger cannot be read: '\(String(decoding: line.prefix(200), as: UTF8.self))'")
            }
            return entry
        }
    }

    /// Returns the rules after each of the newest changes, oldest first. The last record is the current state.
    package func history() async throws -> [FaultPlanRecord] {
        let body = try await answer(.get, FaultControl.historyPath).body
        guard let list = (try? JSONValue(parsing: body))?["changes"]?.array else {
            throw error("its answer cannot be read: is it a service of tailspan?")
        }
        return try list.map { json in
            guard let record = FaultPlanRecord(json) else { throw error("its history cannot be read: '\(json)'") }
            return record
        }
    }

    private func state(_ method: HTTPMethod, _ path: String, _ body: [UInt8] = []) async throws -> FaultState {
        let answer = try await answer(method, path, body)
        guard let json = try? JSONValue(parsing: answer.body), let state = FaultState(json) else {
            throw error("its answer cannot be read: is it a service of tailspan?")
        }
        return state
    }

    private func answer(
        _ method: HTTPMethod, _ path: String, _ body: [UInt8] = []
    ) async throws -> HTTPClient.Response {
        var request = HTTPClient.Request(method: method, url: baseURL + path, body: body)
        if !body.isEmpty { request.headers[Header.contentType] = "application/json" }
        if let token { request.headers[Header.authorization] = "Bearer " + token }
        let answer: HTTPClient.Response
        do { answer = try await send(request, timeout) } catch let failure as HTTPClientError {
            var error = error("\(failure)", isUnreachable: true)
            if case .connectFailed = failure { error.isRefused = true }
            throw error
        }
        guard answer.status.isSuccess else {
            let problem = ProblemDetails(answer.body)
            throw error(problem.detail ?? "it answered \(answer.status)", status: answer.status.code)
        }
        return answer
    }

    private func error(_ reason: String, status: Int? = nil, isUnreachable: Bool = false) -> FaultControlError {
        FaultControlError(baseURL: baseURL, status: status, reason: reason, isUnreachable: isUnreachable)
    }

    private static func body(_ rules: [FaultRule], seed: UInt64? = nil) -> [UInt8] {
        var json = JSONWriter()
        json.object {
            $0.name("rules")
            $0.array { for rule in rules { $0.value(rule.description) } }
            if let seed {
                $0.name("seed")
                FaultState.write(seed: seed, to: &$0)
            }
        }
        return json.bytes
    }
}

/// The control API of a service could not be reached, or refused the request.
package struct FaultControlError: Error, Equatable, CustomStringConvertible {
    package var baseURL: String
    /// The status of the answer; `nil` if there was no answer, or it could not be understood.
    package var status: Int?
    package var reason: String
    /// Whether nothing answers at the address.
    package var isUnreachable: Bool
    /// Whether no connection could be made, so that no service runs there. After a timeout one may.
    package var isRefused = false

    package var description: String { "\(baseURL): \(reason)" }
}
