import Contracts
import Encoding
import HTTP
import Replay
import Vocabulary
import Workload

/// Sends one request to the gateway, and shows everything that went over the wire.
struct Sending: Sendable {
    let gateway: String
    let token: String?
    let traffic: Traffic
    let journal: JournalClient
    let pause: Pause

    /// A body of one's own, besides the kinds of a load.
    private static let custom = "custom"
    /// A longer body is cut where it is shown.
    private static let mostShown = 65_536
    private static let timeout = Duration.seconds(30)

    func send(_ request: Request) async throws -> Response {
        let outgoing = try self.request(try ControlBody(request, knows: ["kind", "guild", "workload", "body"]))
        let start = ContinuousClock.now
        let answer: Result<HTTPClient.Response, HTTPClientError>
        do {
            answer = .success(try await traffic.transport().execute(outgoing, timeout: Self.timeout))
        } catch let error as HTTPClientError {
            if error.neverConnected {
                throw HTTPError(.badGateway, type: "no-gateway", message: "no gateway answers at \(gateway): \(error)")
            }
            // A broken answer is what some faults are for.
            answer = .failure(error)
        }
        let duration = start.duration(to: .now)
        let sent = outgoing.headers[Header.traceParent].map { String($0.dropFirst(3).prefix(32)) } ?? ""
        let trace = (try? answer.get())?.headers[Header.traceID] ?? sent
        let isReplayable = await isReplayable(trace)
        return .json { (json: inout JSONWriter) in
            json.object {
                $0.member("trace", trace)
                $0.optional("status", (try? answer.get())?.status.code)
                if case .failure(let error) = answer { $0.member("error", "\(error)") }
                $0.member("milliseconds", duration.milliseconds)
                $0.name("request")
                $0.object {
                    $0.member("method", outgoing.method.rawValue)
                    $0.member("url", outgoing.url)
                    Self.write(outgoing.headers, outgoing.body, to: &$0)
                }
                $0.name("response")
                if case .success(let response) = answer {
                    $0.object { Self.write(response.headers, response.body, to: &$0) }
                } else {
                    $0.null()
                }
                $0.member("replayable", isReplayable)
            }
        }
    }

    private static func write(_ headers: HTTPFields, _ body: [UInt8], to json: inout JSONWriter) {
        json.name("headers")
        json.array {
            for field in headers {
                $0.array {
                    $0.value(field.name)
                    $0.value(field.name == Header.authorization ? "Bearer …" : field.value)
                }
            }
        }
        let text = String(decoding: body.prefix(mostShown), as: UTF8.self)
        json.member("body", body.count > mostShown ? text + "…" : text)
    }

    // MARK: The request

    private func request(_ body: ControlBody) throws(HTTPError) -> HTTPClient.Request {
        let name = try body.text("kind") ?? RequestKind.sync.rawValue
        let kind = RequestKind(rawValue: name)
        guard kind != nil || name == Self.custom else {
            let names = RequestKind.allCases.map(\.rawValue) + [Self.custom]
            throw ControlBody.error("no kind of request '\(name)': expected \(names.joined(separator: ", "))")
        }
        let planned = try Self.planned(kind ?? .sync)
        let text = try body.text("body")
        guard (text == nil) == (kind != nil) else {
            throw ControlBody.error("expected 'body' with the kind '\(Self.custom)', and with no other")
        }
        let bytes = if let text { Array(text.utf8) } else { try Self.body(planned.body, with: body) }
        var headers = planned.headers
        if let token { headers[Header.authorization] = "Bearer " + token }
        return HTTPClient.Request(
            method: .post, url: gateway + planned.uri, headers: headers,
            body: bytes,
            urlTemplate: "/v1/tasks")
    }

    /// A request of a kind, as a load would send it.
    private static func planned(_ kind: RequestKind) throws(HTTPError) -> PlannedRequest {
        do {
            return try LoadPlan(
                seed: UInt64.random(in: .min ... .max), rate: 1, limit: .requests(1), mix: .only(kind)
            ).request(at: 0)
        } catch {
            throw HTTPError(.internalServerError, message: "\(error)")
        }
    }

    /// The planned body with another guild or workload, if one is wanted.
    private static func body(_ planned: [UInt8], with wishes: ControlBody) throws(HTTPError) -> [UInt8] {
        let guild = try wishes.text("guild")
        let workload = wishes["workload"]
        guard guild != nil || workload != nil else { return planned }
        let object: JSONObject
        do { object = try JSONValue(parsing: planned).object ?? JSONObject() } catch {
            throw HTTPError(.internalServerError, message: "\(error)")
        }
        var members = object.members.filter { guild == nil || $0.name != LogField.guildID }
        if let guild { members.insert((LogField.guildID, .string(guild)), at: 0) }
        if let workload {
            members.removeAll { $0.name == "workload" }
            members.append(("workload", workload))
        }
        var json = JSONWriter()
        json.value(.object(JSONObject(members)))
        return json.bytes
    }

    // MARK: The journal

    /// Whether the gateway remembers the request. It is written shortly after the answer.
    private func isReplayable(_ trace: String) async -> Bool {
        for attempt in 0..<5 {
            // Without a journal nothing can be replayed, whatever the reason.
            guard let answer = try? await journal.requests(of: trace) else { return false }
            if case .records = answer { return true }
            if attempt < 4 { await pause(.milliseconds(40)) }
        }
        return false
    }
}

/// Waits for a while, or until the task is cancelled.
typealias Pause = @Sendable (Duration) async -> Void
