import Encoding
import Testing
import Vocabulary

@testable import FaultKinds
@testable import FaultRules

@Suite("Rules that are written and read back")
struct RuleRoundTripTests {
    @Test(
        "A rule in its usual form is its own description",
        arguments: [
            "payments:latency=200ms", "*:abort", "gateway.create-task:error=503", "tasks.process-task:queue-stall=5s",
            "payments.settle:latency=lognormal(p50=100ms,p99=2s),rate=30%,match=guild_id:g-7,from=10s,for=30s,id=x,seed=7",
            "payments:clock-skew=+5s", "payments:clock-skew=-200ms", "tasks:refuse=payments",
            "payments:slow-body=4KiB/s",
            "payments:error=503:\"closed, for \\\"today\\\"\",rate=0.0000001%", "*:error=503,match=baggage.user:a*",
        ])
    func aUsualRuleIsItsOwnDescription(text: String) throws {
        #expect(try FaultRule(parsing: text).description == text)
    }

    @Test(
        "Equivalent spellings of a rule have one description",
        arguments: [
            (" payments : latency = 0.2s , rate = 0.3 ", "payments:latency=200ms,rate=30%"),
            ("payments.*:error=500", "payments:error=500"), ("payments:error", "payments:error=503"),
            ("payments:hang=0.5m", "payments:hang=30s"), ("payments:memory-leak=1.5KiB", "payments:memory-leak=1536"),
            ("payments:memory-leak=1MB", "payments:memory-leak=1000000"),
            ("payments:latency=uniform( 50ms , 1s )", "payments:latency=uniform(50ms,1s)"),
            ("payments:error=503:\"plain\"", "payments:error=503:plain"),
            ("payments:error,rate=100%", "payments:error=503"),
            ("payments:error,id=payments-error", "payments:error=503"),
            ("payments:error,from=0s", "payments:error=503"),
        ])
    func equivalentSpellingsHaveOneDescription(text: String, description: String) throws {
        #expect(try FaultRule(parsing: text).description == description)
    }

    @Test("Four thousand random rules read back unchanged")
    func randomRulesReadBackUnchanged() throws {
        let random = RandomRules(seed: 4)
        for _ in 0..<4_000 {
            let rule = random.rule()
            let text = rule.description
            let read: FaultRule
            do { read = try FaultRule(parsing: text) } catch {
                Issue.record("not read back: \(error)")
                return
            }
            try #require(read == rule, "\(text) became \(read)")
            try #require(read.description == text)
        }
    }

    @Test("A list keeps its order and skips empty entries")
    func aListKeepsItsOrderAndSkipsEmptyEntries() throws {
        let text = "\n payments:latency=1s;;tasks:error,rate=1% \n\n executor:cpu;"
        #expect(
            try FaultRule.list(parsing: text).map(\.id) == ["payments-latency", "tasks-error", "executor-cpu"])
        #expect(try FaultRule.list(parsing: " \n;; ").isEmpty)
        // What separates rules may stand in quotes.
        #expect(try FaultRule.list(parsing: "payments:error=503:\"a;b\"").count == 1)
    }

    @Test("Every kind has a default or says what it needs, and its description reads back")
    func everyKindHasADefaultOrSaysWhatItNeeds() throws {
        for kind in FaultKind.allCases {
            let service = ServiceRole.allCases.first(where: kind.services.contains)
            let target = service?.rawValue ?? "*"
            let bare = Result { try FaultRule(parsing: "\(target):\(kind.rawValue)") }
            switch (bare, kind.argument.standard) {
            case (.success(let rule), let standard?):
                #expect(rule.argument == standard, "\(kind.rawValue)")
                #expect(try FaultRule(parsing: rule.description) == rule)
            case (.failure(let error), nil):
                #expect("\(error)".contains("'\(kind.rawValue)' needs \(kind.argument.expectation)"))
            default: Issue.record("\(kind.rawValue): \(bare)")
            }
            #expect(kind.argument == .none || kind.argument.placeholder != nil)
            #expect(!kind.summary.isEmpty && !kind.services.isEmpty)
        }
    }
}

/// Valid rules of all kinds, determined by a seed.
final class RandomRules {
    private let source: SplitMix64

    init(seed: UInt64) { source = SplitMix64(seed: seed) }

    func int(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(source.next() % UInt64(range.upperBound - range.lowerBound + 1))
    }

    func element<T>(_ choices: [T]) -> T { choices[int(0...choices.count - 1)] }

    func chance(_ percent: Int) -> Bool { int(1...100) <= percent }

    func duration(upTo seconds: Int) -> Duration {
        let unit = element([1, 1000, 1_000_000])
        return .microseconds(Int64(int(1...(seconds * 1_000_000 / unit)) * unit))
    }

    /// With everything that needs quotes.
    func text() -> String {
        let characters = Array("abcABC019-_.:;,=\"\\ ()ä→%*")
        let text = String((0...int(0...12)).map { _ in element(characters) })
        return text
    }

    func name() -> String {
        let characters = Array("abcXYZ019-_.")
        return "n" + String((0...int(0...20)).map { _ in element(characters) })
    }

    func rule() -> FaultRule {
        while true { if let rule = attempt() { return rule } }
    }

    /// `nil` for an operation that the kind cannot happen to.
    private func attempt() -> FaultRule? {
        let kind = element(FaultKind.allCases)
        let able = ServiceRole.allCases.filter(kind.services.contains)
        let service: ServiceRole? = chance(30) ? nil : element(able)
        var operation: String?
        if kind.scope == .request, chance(50) { operation = element(ServiceOperation.names(of: service)) }
        let target = (service?.rawValue ?? "*") + (operation.map { "." + $0 } ?? "")
        let argument = self.argument(kind.argument, ServiceOperation.upstreams(of: service, operation))
        guard let argument else { return nil }
        var rule = FaultRule(service: service, operation: operation, kind: kind, argument: argument)
        let plain = target + ":" + kind.rawValue + (rule.argumentText.isEmpty ? "" : "=" + rule.argumentText)
        guard (try? FaultRule(parsing: plain)) != nil else { return nil }
        options(&rule)
        return rule
    }

    private func options(_ rule: inout FaultRule) {
        if rule.kind.scope == .request {
            if chance(60) { rule.rate = Double(int(1...1_000_000_000)) / 1e9 }
            if chance(20) { rule.rate = Double(int(1...100)) / 100 }
            if chance(40) {
                let value = "v" + text().replacing("*", with: "") + (chance(30) ? "*" : "")
                let key = element([LogField.guildID, LogField.taskID, LogField.requestID, "baggage.user"])
                rule.matches.append(FaultMatch(key: key, value: value))
            }
            if chance(20) { rule.matches.append(FaultMatch(key: "mode", value: element(["sync", "async", "a*"]))) }
        }
        if chance(40) { rule.from = duration(upTo: 3600) }
        if chance(40) { rule.length = duration(upTo: 3600) }
        if chance(40) { rule.id = name() }
        if chance(40) { rule.seed = source.next() >> UInt64(int(0...63)) }
    }

    private func argument(_ form: FaultArgument.Form, _ upstreams: [ServiceRole]) -> FaultArgument? {
        switch form {
        case .none: FaultArgument.none
        case .delay: .delay(distribution())
        case .duration: .duration(duration(upTo: 3600))
        case .signedDuration: .duration(chance(50) ? duration(upTo: 60) : .zero - duration(upTo: 60))
        case .status: .status(int(400...599), message: chance(50) ? "m" + text() : nil)
        case .bytes: .bytes(int(1...2000) * element([1, 1 << 10, 500_000]))
        case .rate: .bytesPerSecond(int(1...2000) * element([1, 1 << 10, 500_000]))
        case .count(_, let range): .count(int(range))
        case .share: .share(Double(int(0...999_999_999)) / 1e9)
        case .upstream: upstreams.isEmpty ? nil : .upstream(chance(40) ? nil : element(upstreams))
        case .name: .name(name())
        }
    }

    private func distribution() -> Distribution {
        switch int(0...4) {
        case 0: return .fixed(duration(upTo: 60))
        case 1:
            let low = duration(upTo: 30)
            return .uniform(low, low + duration(upTo: 30))
        case 2: return .normal(mean: duration(upTo: 60), deviation: duration(upTo: 60))
        case 3:
            let p50 = duration(upTo: 30)
            return .lognormal(p50: p50, p99: p50 + duration(upTo: 30))
        default: return .pareto(least: duration(upTo: 60), alpha: Double(int(1...1000)) / 10)
        }
    }
}
