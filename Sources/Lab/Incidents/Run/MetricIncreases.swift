import Encoding
import Verification
import Vocabulary

/// How much each series of each service increased during a run, from snapshots of `/metrics`.
package struct MetricIncreases: Sendable, Equatable {
    /// A series of one service.
    package struct Series: Sendable, Hashable {
        package var service: String
        package var name: String
        package var labels: [String: String]

        package init(service: String, name: String, labels: [String: String] = [:]) {
            self.service = service
            self.name = name
            self.labels = labels
        }
    }

    package private(set) var increases: [Series: Double] = [:]
    private var last: [String: [Series: Double]] = [:]

    package init() {}

    /// Adds a snapshot of a service's `/metrics`. The first snapshot of a service is the baseline.
    ///
    /// A counter that is lower than before was reset by a restart: its whole value is an increase.
    package mutating func add(_ text: String, of service: String) {
        let known = last[service]
        var snapshot: [Series: Double] = [:]
        for sample in MetricsText.samples(text) where sample.value.isFinite {
            let series = Series(service: service, name: sample.name, labels: sample.labels)
            snapshot[series] = sample.value
            guard let known else { continue }
            let before = known[series] ?? 0
            let isAnew = sample.value < before && Self.isCounter(sample.name)
            increases[series, default: 0] += isAnew ? sample.value : sample.value - before
        }
        last[service] = snapshot
    }

    /// Adds to a series that no service exports itself.
    package mutating func add(_ value: Double, to series: Series) { increases[series, default: 0] += value }

    private static func isCounter(_ name: String) -> Bool {
        ["_total", "_count", "_sum", "_bucket"].contains { name.hasSuffix($0) }
    }

    /// The sum over all series that `selector` matches; `nil` if there are none.
    package func sum(_ selector: MetricSelector) -> Double? {
        let values = increases.filter { selector.selects($0.key.name, $0.key.labels, of: $0.key.service) }.values
        return values.isEmpty ? nil : values.reduce(0, +)
    }

    // MARK: On disk

    /// An array of all series: `{"service":…,"name":…,"labels":{…},"increase":…}`.
    package func write(to json: inout JSONWriter) {
        let sorted = increases.sorted { left, right in
            let (left, right) = (left.key, right.key)
            if left.service != right.service { return left.service < right.service }
            if left.name != right.name { return left.name < right.name }
            return left.labels.sorted { $0.key < $1.key }.map { $0.key + $0.value }
                .lexicographicallyPrecedes(right.labels.sorted { $0.key < $1.key }.map { $0.key + $0.value })
        }
        json.array { json in
            for (series, value) in sorted {
                json.object { json in
                    json.member(LogField.service, series.service)
                    json.member("name", series.name)
                    if !series.labels.isEmpty {
                        json.name("labels")
                        json.object { json in
                            for (name, value) in series.labels.sorted(by: { $0.key < $1.key }) {
                                json.member(name, value)
                            }
                        }
                    }
                    json.member("increase", value)
                }
            }
        }
    }

    package init(_ json: JSONValue) {
        for element in json.array ?? [] {
            guard let service = element[LogField.service]?.string, let name = element["name"]?.string,
                let increase = element["increase"]?.double
            else { continue }
            var series = Series(service: service, name: name)
            for label in element["labels"]?.object?.members ?? [] { series.labels[label.name] = label.value.string }
            increases[series] = increase
        }
    }
}
