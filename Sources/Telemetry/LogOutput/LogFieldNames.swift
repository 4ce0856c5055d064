import Logging
import Vocabulary

/// Sees to it that a line has no name twice.
///
/// - A field named like one of the line's own parts (`level`, `trace_id`, `error` …) is written as `field_<name>`.
/// - Of several fields of one name the last counts, and the event's count before the logger's.
///
/// Comparing all names with all others would cost more than the rest of the line. So each name is first reduced to one
/// of 64 bits: only names that share theirs with another one, or with a reserved one, are compared.
struct LogFieldNames {
    /// The name of the place in the program that wrote the line.
    static let source = "source"

    private let reserved = [
        LogField.timestamp, LogField.level, LogField.service, LogField.message, LogField.traceID, LogField.spanID,
        LogField.traceSampled, LogField.requestID, LogField.version, LogField.environment, LogField.region,
        LogField.error, LogFieldNames.source,
    ]
    private let reservedBits: UInt64

    init() { reservedBits = reserved.reduce(0) { $0 | LogFieldNames.bit($1) } }

    /// Calls `write` for each field that counts, with what has to stand before its name.
    func forEachField(
        _ loggerFields: Logger.Metadata, _ eventFields: Logger.Metadata,
        _ write: (_ prefix: StaticString, _ name: String, _ value: Logger.MetadataValue) -> Void
    ) {
        let write = { (name: String, value: Logger.MetadataValue) in
            write(isReserved(name) ? "field_" : "", name, value)
        }
        if LogFieldNames.areDistinct(loggerFields, eventFields) {
            loggerFields.forEachField(write)
            eventFields.forEachField(write)
        } else {
            var merged = loggerFields.unique
            merged.merge(eventFields)
            merged.forEachField(write)
        }
    }

    /// Whether `name` is that of one of the line's own parts.
    private func isReserved(_ name: String) -> Bool {
        reservedBits & LogFieldNames.bit(name) != 0 && reserved.contains { LogFieldNames.same($0, name) }
    }

    /// Whether no name occurs twice in both together.
    private static func areDistinct(_ loggerFields: Logger.Metadata, _ eventFields: Logger.Metadata) -> Bool {
        var seen: UInt64 = 0
        var areDistinct = true
        var index = 0
        loggerFields.forEachField { name, _ in
            let bit = bit(name)
            if seen & bit != 0, loggerFields[..<index].contains(where: { same($0.key, name) }) { areDistinct = false }
            seen |= bit
            index += 1
        }
        index = 0
        eventFields.forEachField { name, _ in
            let bit = bit(name)
            if seen & bit != 0 {
                let isTaken =
                    eventFields[..<index].contains { same($0.key, name) }
                    || loggerFields.contains { same($0.key, name) }
                if isTaken { areDistinct = false }
            }
            seen |= bit
            index += 1
        }
        return areDistinct
    }

    /// As `==`, but names of different length are told apart without a call.
    private static func same(_ left: String, _ right: String) -> Bool {
        left.utf8.count == right.utf8.count && left == right
    }

    @inline(__always)
    private static func bit(_ name: String) -> UInt64 {
        name.utf8.withContiguousStorageIfAvailable { bytes in
            guard let first = bytes.first, let last = bytes.last else { return 1 }
            return 1 &<< UInt64(truncatingIfNeeded: (bytes.count &* 7) ^ Int(first) ^ (Int(last) &* 5))
        } ?? 1
    }
}

extension Logger.Metadata {
    /// Each name once, with the value that counts.
    var unique: Logger.Metadata {
        var result: Logger.Metadata = [:]
        result.merge(self)
        return result
    }
}
