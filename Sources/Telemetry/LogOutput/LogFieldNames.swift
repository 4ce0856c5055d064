import Logging
import Vocabulary

/// Ensures that no name appears twice on a line.
///
/// - A field with the name of a standard field (`level`, `trace_id`, `error` …) is written as `field_<name>`.
/// - If several fields have the same name, the last one wins, and the event's fields win over the logger's.
///
/// Comparing every name with every other would cost more than the rest of the line. Each name is therefore first mapped
/// to one of 64 bits, and only names that share a bit with another name or a reserved one are compared.
struct LogFieldNames {
    /// The name of the field for the source location.
    static let source = "source"

    private let reserved = [
        LogField.timestamp, LogField.level, LogField.service, LogField.message, LogField.traceID, LogField.spanID,
        LogField.traceSampled, LogField.requestID, LogField.version, LogField.environment, LogField.region,
        LogField.error, LogFieldNames.source,
    ]
    private let reservedBits: UInt64

    init() { reservedBits = reserved.reduce(0) { $0 | LogFieldNames.bit($1) } }

    /// Calls `write` for each field that is kept, with the prefix for its name.
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

    /// Whether `name` is the name of a standard field.
    private func isReserved(_ name: String) -> Bool {
        reservedBits & LogFieldNames.bit(name) != 0 && reserved.contains { LogFieldNames.same($0, name) }
    }

    /// Whether all names in both sets of fields are distinct.
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

    /// Like `==`, but names of different lengths are compared without a function call.
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
    /// Each name once, with the value that wins.
    var unique: Logger.Metadata {
        var result: Logger.Metadata = [:]
        result.merge(self)
        return result
    }
}
