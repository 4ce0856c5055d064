import LogQL

/// Incoming labels or structured metadata: unique names, the last value counts, as in Loki.
package struct LabelSet {
    private var places: [String: Int] = [:]
    private(set) var labels: [Label] = []
    /// The number given, including repeated names: limits apply to it.
    private(set) var count = 0
    /// The total bytes of all names and values given.
    private(set) var size = 0

    package init() {}

    /// Sets the value of `name`, replacing an earlier one.
    package mutating func set(_ name: String, _ value: String) {
        count += 1
        size += name.utf8.count + value.utf8.count
        if let place = places[name] {
            labels[place].value = value
        } else {
            places[name] = labels.count
            labels.append(Label(name, value))
        }
    }

    mutating func set(_ others: LabelSet) {
        count += others.count - others.labels.count
        size += others.size - others.labels.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
        for label in others.labels { set(label.name, label.value) }
    }
}

/// Converts names of attributes and structured metadata.
package enum LabelNames {
    /// Letters, digits and `_`: each run of other characters becomes one `_`, and a leading digit is prefixed with
    /// `key_`, as in Loki 3.6 (OpenTelemetry, "Prometheus compatibility"). `__name__` keeps its underscores. A name of
    /// which only `_` is left, which Loki rejects, becomes `_`.
    package static func normalized(_ name: String) -> String {
        let isReserved = name.utf8.count >= 4 && name.hasPrefix("__") && name.hasSuffix("__")
        var result: [UInt8] = []
        for scalar in (isReserved ? name.dropFirst(2).dropLast(2) : name[...]).unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9": result.append(UInt8(truncatingIfNeeded: scalar.value))
            default: if result.last != UInt8(ascii: "_") { result.append(UInt8(ascii: "_")) }
            }
        }
        if result.allSatisfy({ $0 == UInt8(ascii: "_") }) { return "_" }
        let text = String(decoding: result, as: UTF8.self)
        if isReserved { return "__" + text + "__" }
        return (48...57).contains(result[0]) ? "key_" + text : text
    }
}
