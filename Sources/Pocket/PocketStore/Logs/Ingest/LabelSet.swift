import LogQL

/// Labels or structured metadata on their way in: each name once, the last value counts, as in Loki.
package struct LabelSet {
    private var places: [String: Int] = [:]
    private(set) var labels: [Label] = []
    /// How many were given, those of one name counted each time: what limits apply to.
    private(set) var count = 0
    /// The bytes of all names and values given.
    private(set) var size = 0

    package init() {}

    /// Gives `name` a value, whatever it had before.
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

/// The names that attributes and structured metadata get.
package enum LabelNames {
    /// Letters, digits and `_`: each run of other characters becomes one `_`, and a digit in front is led by `key_`, as
    /// Loki 3.6 has it (OpenTelemetry, "Prometheus compatibility"). `__name__` keeps its underscores. What Loki refuses
    /// because nothing but `_` is left is called `_`.
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
