import Encoding
import QuerySupport
import TraceQL

/// The requests of each service over time: its SERVER and CONSUMER spans.
struct RequestFigures {
    private struct Service {
        var minute = Sample()
        var steps: [Sample]
    }

    /// Some requests.
    private struct Sample {
        var durations: [UInt64] = []
        var errors = 0

        mutating func add(_ duration: UInt64, isError: Bool) {
            durations.append(duration)
            if isError { errors += 1 }
        }
    }

    let steps: ReadingSteps
    /// The start of the last minute.
    let minute: UInt64
    private var services: [String: Service] = [:]

    init(steps: ReadingSteps, minute: UInt64) {
        self.steps = steps
        self.minute = minute
    }

    mutating func add(service: String, start: UInt64, duration: UInt64, isError: Bool, _ budget: QueryBudget) throws {
        try budget.hold(16)
        if services[service] == nil {
            try budget.hold(64 * steps.count)
            services[service] = Service(steps: Array(repeating: Sample(), count: steps.count))
        }
        services[service]?.steps[steps.index(of: Int64(clamping: start))].add(duration, isError: isError)
        if start >= minute { services[service]?.minute.add(duration, isError: isError) }
    }

    func write(to json: inout JSONWriter) {
        json.array { json in
            for (name, service) in services.sorted(by: { $0.key < $1.key }) {
                let steps = service.steps.map { (durations: $0.durations.sorted(), errors: $0.errors) }
                json.object { json in
                    json.member("name", name)
                    json.name("minute")
                    json.object { json in
                        let sorted = service.minute.durations.sorted()
                        json.member("requests", sorted.count)
                        json.member("errors", service.minute.errors)
                        for rank in Rank.allCases {
                            json.name(rank.rawValue)
                            json.optional(rank.value(of: sorted))
                        }
                    }
                    json.name("requests")
                    json.array { json in for step in steps { json.value(step.durations.count) } }
                    json.name("errors")
                    json.array { json in for step in steps { json.value(step.errors) } }
                    for rank in Rank.allCases {
                        json.name(rank.rawValue)
                        json.array { json in for step in steps { json.optional(rank.value(of: step.durations)) } }
                    }
                }
            }
        }
    }
}

/// A percentile by its nearest rank: the least value that so many percent of the values do not exceed.
enum Rank: String, CaseIterable {
    case p50, p95, p99

    private var percent: Int {
        switch self {
        case .p50: 50
        case .p95: 95
        case .p99: 99
        }
    }

    /// `nil` without values.
    func value(of sorted: [UInt64]) -> UInt64? {
        sorted.isEmpty ? nil : sorted[max(0, (sorted.count * percent + 99) / 100 - 1)]
    }
}
