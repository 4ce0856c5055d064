import Encoding

/// A seed in JSON.
package enum FaultSeed {
    /// A number, or a text where a number would lose digits on its way through a reader of doubles.
    package static func write(_ seed: UInt64, to json: inout JSONWriter) {
        if seed <= 1 << 53 { json.value(seed) } else { json.value(String(seed)) }
    }

    /// Reads what ``write(_:to:)`` writes.
    package static func read(_ json: JSONValue) -> UInt64? {
        json.integer.flatMap { UInt64(exactly: $0) } ?? json.string.flatMap { UInt64($0) }
    }
}
