import Contracts
import Logging

/// Sees to it that a line has no name twice.
///
/// - A field named like one of the line's own parts (`level`, `trace_id`, `error` …) is written as `field_<name>`.
/// - Of several fields of one name the last counts, and the event's count before the logger's.
///
/// Comparing all names with all others would cost more than the rest of the line. So each name is first reduced to one
/// of 64 bits: only names that share theirs with another one, or with a reserved one, are compared.
enum LogFieldNames {
    /// Put before a name that is taken.
    static let prefix: StaticString = "field_"
    /// The name of the place in the program that wrote the line.
    static let source = "source"

    private static let reserved = [
        LogField.timestamp, LogField.level, LogField.service, LogField.message, LogField.traceID, LogField.spanID,
        LogField.traceSampled, LogField.requestID, LogField.version, LogField.environment, LogField.region,
        LogField.error, source,
    ]
    private static let reservedBits = reserved.reduce(0) { $0 | bit($1) }

    /// Whether `name` is that of one of the line's own parts.
    static func isReserved(_ name: String) -> Bool {
        reservedBits & bit(name) != 0 && reserved.contains { same($0, name) }
    }

    /// Whether no name occurs twice in both together.
    static func areDistinct(_ loggerFields: Logger.Metadata, _ eventFields: Logger.Metadata) -> Bool {
        var seen: UInt64 = 0
        for (index, field) in loggerFields.enumerated() {
            let bit = bit(field.key)
            if seen & bit != 0, loggerFields[..<index].contains(where: { same($0.key, field.key) }) { return false }
            seen |= bit
        }
        for (index, field) in eventFields.enumerated() {
            let bit = bit(field.key)
            if seen & bit != 0,
                eventFields[..<index].contains(where: { same($0.key, field.key) })
                    || loggerFields.contains(where: { same($0.key, field.key) })
            {
                return false
            }
            seen |= bit
        }
        return true
    }

    /// The fields of both, each name once.
    static func merged(_ loggerFields: Logger.Metadata, _ eventFields: Logger.Metadata) -> Logger.Metadata {
        var result: Logger.Metadata = [:]
        result.merge(loggerFields)
        result.merge(eventFields)
        return result
    }

    /// As `==`, but names of different length are told apart without a call.
    private static func same(_ left: String, _ right: String) -> Bool {
        left.utf8.count == right.utf8.count && left == right
    }

    private static func bit(_ name: String) -> UInt64 {
        let bytes = name.utf8
        guard let first = bytes.first, let last = bytes.last else { return 1 }
        return 1 &<< UInt64(truncatingIfNeeded: (bytes.count &* 7) ^ Int(first) ^ (Int(last) &* 5))
    }
}
