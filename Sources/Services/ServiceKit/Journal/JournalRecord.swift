import Encoding
import FaultControl
import Vocabulary

/// A request as recorded in the journal: everything needed to send it again, and its outcome.
package struct JournalRecord: Sendable, Equatable {
    /// A fault that took effect at the gateway.
    package struct Injection: Sendable, Equatable {
        package var rule: String
        package var kind: String
        package var value: String

        package init(rule: String, kind: String, value: String) {
            self.rule = rule
            self.kind = kind
            self.value = value
        }
    }

    /// 32 hex digits.
    package var traceID: String
    /// Two hex digits.
    package var traceFlags: String
    package var requestID: String
    /// When the request arrived, in nanoseconds since the Unix epoch.
    package var time: UInt64
    package var method: String
    package var path: String
    package var query: String?
    package var contentType: String?
    /// The value of the header `baggage`, including the rules from `x-tailspan-fault`.
    package var baggage: String?
    /// `nil` if the body was too large to keep.
    package var body: [UInt8]?
    package var bodySize: Int
    /// What was left out because its name suggests a secret, such as `query token`.
    package var redacted: [String]
    /// The status of the answer.
    package var status: Int
    /// Whether the whole answer was sent.
    package var isWritten: Bool
    package var duration: Duration
    /// The gateway's seed, for rules without their own seed.
    package var seed: UInt64
    /// The texts of the rules set at the gateway whose time window was open. Includes rules for other services.
    package var rules: [String]
    package var injections: [Injection]

    /// Reads what ``write(to:)`` writes; `nil` for anything else.
    package init?(_ json: JSONValue) {
        guard let traceID = json["trace_id"]?.string, let flags = json["trace_flags"]?.string,
            let time = json["time"]?.string.flatMap({ RFC3339.parse($0.utf8) }), let method = json["method"]?.string,
            let path = json["path"]?.string, let status = json["status"]?.integer,
            let seed = json["seed"].flatMap(FaultState.seed)
        else { return nil }
        self.traceID = traceID
        traceFlags = flags
        requestID = json["request_id"]?.string ?? ""
        self.time = time
        self.method = method
        self.path = path
        query = json["query"]?.string
        contentType = json["headers"]?[Header.contentType]?.string
        baggage = json["headers"]?[Header.baggage]?.string
        body =
            json["body"]?.string.map { Array($0.utf8) } ?? json["body_base64"]?.string.flatMap { Base64.parse($0.utf8) }
        bodySize = Int(json["body_bytes"]?.integer ?? 0)
        redacted = json["redacted"]?.array?.compactMap(\.string) ?? []
        self.status = Int(status)
        isWritten = json["written"]?.bool ?? true
        duration = .microseconds(Int64(((json["duration_ms"]?.double ?? 0) * 1000).rounded()))
        self.seed = seed
        rules = json["rules"]?.array?.compactMap(\.string) ?? []
        injections = (json["injections"]?.array ?? []).map {
            Injection(
                rule: $0["rule"]?.string ?? "", kind: $0["kind"]?.string ?? "", value: $0["value"]?.string ?? "")
        }
    }

    package init(
        traceID: String, traceFlags: String, requestID: String, time: UInt64, method: String, path: String,
        query: String?, contentType: String?, baggage: String?, body: [UInt8]?, bodySize: Int, redacted: [String],
        status: Int, isWritten: Bool, duration: Duration, seed: UInt64, rules: [String], injections: [Injection]
    ) {
        self.traceID = traceID
        self.traceFlags = traceFlags
        self.requestID = requestID
        self.time = time
        self.method = method
        self.path = path
        self.query = query
        self.contentType = contentType
        self.baggage = baggage
        self.body = body
        self.bodySize = bodySize
        self.redacted = redacted
        self.status = status
        self.isWritten = isWritten
        self.duration = duration
        self.seed = seed
        self.rules = rules
        self.injections = injections
    }

    /// The path and query.
    package var uri: String { query.map { path + "?" + $0 } ?? path }

    package func write(to json: inout JSONWriter) {
        json.object {
            writeSummary(to: &$0)
            $0.member("trace_flags", traceFlags)
            $0.name("headers")
            $0.object {
                if let contentType { $0.member(Header.contentType, contentType) }
                if let baggage { $0.member(Header.baggage, baggage) }
            }
            if let body {
                // Bytes that are not valid text must survive the round trip.
                if let text = String(validating: body, as: UTF8.self) {
                    $0.member("body", text)
                } else {
                    $0.member("body_base64", Base64.string(body))
                }
            }
            $0.member("body_bytes", bodySize)
            $0.name("redacted")
            $0.array { for name in redacted { $0.value(name) } }
            $0.name("seed")
            FaultState.write(seed: seed, to: &$0)
            $0.name("rules")
            $0.array { for rule in rules { $0.value(rule) } }
            $0.name("injections")
            $0.array {
                for injection in injections {
                    $0.object {
                        $0.member("rule", injection.rule)
                        $0.member("kind", injection.kind)
                        if !injection.value.isEmpty { $0.member("value", injection.value) }
                    }
                }
            }
        }
    }

    /// Writes the members used in a list of requests.
    func writeSummary(to json: inout JSONWriter) {
        json.member("trace_id", traceID)
        json.member("request_id", requestID)
        json.member("time", RFC3339.string(nanosecondsSinceEpoch: time))
        json.member("method", method)
        json.member("path", path)
        if let query { json.member("query", query) }
        json.member("status", status)
        json.member("written", isWritten)
        json.member("duration_ms", duration.milliseconds)
    }
}
