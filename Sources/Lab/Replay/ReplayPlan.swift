import Encoding
import FaultKinds
import FaultRules
import HTTP
import ServiceKit
import TraceContext
import Vocabulary

/// How to send an earlier request again so that every fault decision comes out the same.
package struct ReplayPlan: Sendable {
    /// A rule in force at the time of the request, and whether it hits the request.
    package struct Rule: Sendable, Equatable {
        package var rule: FaultRule
        /// Whether the hash is below the rate. Further conditions of the rule, such as an operation or a match, must
        /// hold as well.
        package var isHit: Bool
    }

    /// The rules of one service after its latest changes.
    struct ServiceRules: Sendable {
        var role: ServiceRole
        var history: [FaultPlanRecord]
    }

    package let record: JournalRecord
    /// The trace id that decides: the request's, or, if it was a replay itself, that of its original.
    package let decider: TraceID
    let traceID: TraceID
    let spanID: SpanID
    /// The request rules of all services that were in force at the time.
    package let rulesThen: [Rule]
    /// Whether the request must carry these rules, because others are in force now.
    package let bringsRules: Bool
    /// What cannot be reproduced.
    package let warnings: [String]
    /// The baggage that the request carries.
    let baggage: Baggage
    private let idempotencyKey: String

    /// - Parameters:
    ///   - now: nanoseconds since the Unix epoch, like the record's time.
    ///   - random: generates the ids.
    init(
        _ record: JournalRecord, services: [ServiceRules], now: UInt64, random: () -> UInt64
    ) throws(ReplayError) {
        guard let original = TraceID(record.traceID) else {
            throw ReplayError("the journal's answer names no trace: '\(record.traceID)'")
        }
        if record.body == nil, record.bodySize > 0 {
            throw ReplayError(
                "the request cannot be sent again: its body of \(record.bodySize) bytes was not kept; the journal keeps "
                    + "at most \(RequestJournal.largestBody)")
        }
        self.record = record
        traceID = TraceID(high: Self.nonZero(random), low: Self.nonZero(random))
        spanID = SpanID(value: Self.nonZero(random))
        idempotencyKey = "replay-" + Hex.string(random())

        var baggage = record.baggage.map { Baggage(headerValue: $0) } ?? Baggage()
        let decider = baggage[FaultInjector.BaggageName.replayOf].flatMap { TraceID($0) } ?? original
        self.decider = decider
        var rules = RulesOfTheTime(record, services, now: now, baggage: baggage)
        try rules.collect()
        rulesThen = rules.then.map { rule in
            Rule(
                rule: rule,
                isHit: FaultDecision(seed: rule.seed ?? record.seed, ruleID: rule.id, traceID: decider)
                    .isHit(rate: rule.rate))
        }
        bringsRules = rules.differ
        var warnings = rules.warnings
        if !record.redacted.isEmpty {
            warnings.append("not recorded, and so not sent: " + record.redacted.joined(separator: ", "))
        }
        self.warnings = warnings

        for name in FaultInjector.BaggageName.all where name != FaultInjector.BaggageName.offset {
            baggage[name] = nil
        }
        baggage[FaultInjector.BaggageName.replayOf] = decider.description
        if bringsRules {
            baggage[FaultInjector.BaggageName.alone] = "1"
            // Rules that do not hit have no effect, and baggage is limited in size.
            let hits = rulesThen.filter(\.isHit).map(\.rule.description)
            if !hits.isEmpty { baggage[FaultInjector.BaggageName.rules] = hits.joined(separator: ";") }
        }
        guard Baggage(headerValue: baggage.headerValue) == baggage else {
            throw ReplayError("the rules of the time do not fit into the request: baggage has at most 8192 bytes")
        }
        if let text = baggage[FaultInjector.BaggageName.rules] {
            do { _ = try FaultInjector.rules(brought: text) } catch {
                throw ReplayError("the rules of the time cannot be brought along: \(error)")
            }
        }
        self.baggage = baggage
    }

    /// The request to send.
    /// - Parameter token: the gateway's bearer token, if it requires one.
    package func request(to baseURL: String, token: String?) -> HTTPClient.Request {
        var headers: HTTPFields = [
            Header.traceParent: "00-\(traceID)-\(spanID)-\(record.traceFlags)", Header.baggage: baggage.headerValue,
        ]
        if let contentType = record.contentType { headers[Header.contentType] = contentType }
        let method = HTTPMethod(rawValue: record.method)
        // Under its old key the gateway would return the stored answer and do nothing.
        if method == .post { headers[Header.idempotencyKey] = idempotencyKey }
        if let token { headers[Header.authorization] = "Bearer " + token }
        return HTTPClient.Request(
            method: method, url: baseURL + record.uri, headers: headers, body: record.body ?? [],
            // The only path without a parameter that requests are sent to; the templates of others are not known here.
            urlTemplate: record.uri.prefix { $0 != "?" } == "/v1/tasks" ? "/v1/tasks" : nil)
    }

    private static func nonZero(_ random: () -> UInt64) -> UInt64 {
        while true {
            let value = random()
            if value != 0 { return value }
        }
    }
}

/// Why a request cannot be replayed, and what to do about it.
package struct ReplayError: Error, Equatable, CustomStringConvertible {
    package var description: String
    package init(_ description: String) { self.description = description }
}
