import Encoding
import FaultKinds
import FaultRules
import HTTP
import ServiceKit
import TraceContext
import Vocabulary

/// How an earlier request is sent again, so that every decision about faults falls as it did.
package struct ReplayPlan: Sendable {
    /// A rule of the time, and whether it hits this request.
    package struct Rule: Sendable, Equatable {
        package var rule: FaultRule
        /// Whether the hash is below the rate. Where the rule asks for more, as an operation or a match, that has to be
        /// so as well.
        package var isHit: Bool
    }

    /// The rules of one service: as its newest changes left them.
    struct ServiceRules: Sendable {
        var role: ServiceRole
        var history: [FaultPlanRecord]
    }

    package let record: JournalRecord
    /// The trace id that decides: the request's, or the one that it repeated itself.
    package let decider: TraceID
    let traceID: TraceID
    let spanID: SpanID
    /// Request rules that were in force at the time, of all services.
    package let rulesThen: [Rule]
    /// Whether these rules have to be brought along, because others are in force now.
    package let bringsRules: Bool
    /// What cannot be made as it was.
    package let warnings: [String]
    /// What the request carries in its baggage.
    let baggage: Baggage
    private let idempotencyKey: String

    /// - Parameters:
    ///   - now: nanoseconds since the Unix epoch, as the record's time.
    ///   - random: makes the ids.
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
            // Those that miss would change nothing, and baggage has a limit.
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

    /// The request, as it will be sent.
    /// - Parameter token: the gateway's, if it asks for one.
    package func request(to baseURL: String, token: String?) -> HTTPClient.Request {
        var headers: HTTPFields = [
            Header.traceParent: "00-\(traceID)-\(spanID)-\(record.traceFlags)", Header.baggage: baggage.headerValue,
        ]
        if let contentType = record.contentType { headers[Header.contentType] = contentType }
        let method = HTTPMethod(rawValue: record.method)
        // Under its old key the stored answer would come back, and nothing would be done.
        if method == .post { headers[Header.idempotencyKey] = idempotencyKey }
        if let token { headers[Header.authorization] = "Bearer " + token }
        return HTTPClient.Request(
            method: method, url: baseURL + record.uri, headers: headers, body: record.body ?? [],
            // The one path without a parameter that requests are sent to; of others the template is not known here.
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
