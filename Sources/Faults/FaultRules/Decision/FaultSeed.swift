import Encoding

/// The JSON form of a seed.
package enum FaultSeed {
    /// Writes a number, or a string if a reader that uses doubles would lose digits.
    package static func write(_ seed: UInt64, to json: inout JSONWriter) {
        if seed <= 1 << 53 { json.value(seed) } else { json.value(String(seed)) }
    }

    /// Reads what ``write(_:to:)`` writes.
    package static func read(_ json: JSONValue) -> UInt64? {
        json.integer.flatMap { UInt64(exactly: $0) } ?? json.string.flatMap { UInt64($0) }
    }
}
