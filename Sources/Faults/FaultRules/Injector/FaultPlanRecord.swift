import Encoding

/// The rules of a service from one point in time on: the result of one change.
package struct FaultPlanRecord: Sendable, Equatable {
    package struct Rule: Sendable, Equatable {
        /// The rule's text; see ``FaultRule/description``.
        package var rule: String
        /// When it was set, in nanoseconds since the Unix epoch.
        package var since: UInt64

        package init(rule: String, since: UInt64) {
            self.rule = rule
            self.since = since
        }
    }

    /// When the change was made, in nanoseconds since the Unix epoch.
    package var time: UInt64
    package var seed: UInt64
    package var rules: [Rule]

    package init(time: UInt64, seed: UInt64, rules: [Rule] = []) {
        self.time = time
        self.seed = seed
        self.rules = rules
    }

    /// Reads what ``write(to:)`` writes; `nil` for anything else.
    package init?(_ json: JSONValue) {
        guard let time = json["time"]?.string.flatMap({ RFC3339.parse($0.utf8) }),
            let seed = json["seed"].flatMap(FaultSeed.read), let list = json["rules"]?.array
        else { return nil }
        self.init(time: time, seed: seed)
        for item in list {
            guard let rule = item["rule"]?.string, let since = item["since"]?.string.flatMap({ RFC3339.parse($0.utf8) })
            else { return nil }
            rules.append(Rule(rule: rule, since: since))
        }
    }

    package func write(to json: inout JSONWriter) {
        json.object {
            $0.member("time", RFC3339.string(nanosecondsSinceEpoch: time))
            $0.name("seed")
            FaultSeed.write(seed, to: &$0)
            $0.name("rules")
            $0.array {
                for rule in rules {
                    $0.object {
                        $0.member("rule", rule.rule)
                        $0.member("since", RFC3339.string(nanosecondsSinceEpoch: rule.since))
                    }
                }
            }
        }
    }
}

/// The newest changes of a plan, oldest first, so that an earlier request can be replayed under the rules of its time.
struct FaultHistory: Sendable {
    static let capacity = 64

    private(set) var records: [FaultPlanRecord]

    init(_ first: FaultPlanRecord) { records = [first] }

    mutating func append(_ record: FaultPlanRecord) {
        if records.count == Self.capacity { records.removeFirst() }
        records.append(record)
    }
}
