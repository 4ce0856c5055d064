import Logging
import Vocabulary

/// Ensures that no name appears twice on a line.
///
/// - A field with the name of a standard field (`level`, `trace_id`, `error` …) is written as `field_<name>`.
/// - If several fields have the same name, the last one wins, and the event's fields win over the logger's.
///
/// Comparing every name with every other would cost more than the rest of the line. Each name is therefore first mapped
/// to a small number, and only names that share it with another name or a reserved one are compared.
struct LogFieldNames {
    /// The name of the field for the source location.
    static let source = "source"

    private let reserved = [
        LogField.timestamp, LogField.level, LogField.service, LogField.message, LogField.traceID, LogField.spanID,
        LogField.traceSampled, LogField.requestID, LogField.version, LogField.environment, LogField.region,
        LogField.error, LogFieldNames.source,
    ]
    /// The numbers of the reserved names.
    private let isReservedNumber: [Bool]

    init() {
        var numbers = [Bool](repeating: false, count: LogFieldNames.numbers)
        for name in reserved { numbers[LogFieldNames.number(name)] = true }
        isReservedNumber = numbers
    }

    /// Calls `write` for each field that is kept, with the prefix for its name.
    @inline(__always)
    func forEachField(
        _ loggerFields: Logger.Metadata, _ eventFields: Logger.Metadata,
        _ write: (_ prefix: StaticString, _ name: String, _ value: Logger.MetadataValue) -> Void
    ) {
        if LogFieldNames.areDistinct(loggerFields, eventFields) {
            if !loggerFields.isEmpty { loggerFields.forEachField { write(prefix($0), $0, $1) } }
            eventFields.forEachField { write(prefix($0), $0, $1) }
        } else {
            var merged = loggerFields.unique
            merged.merge(eventFields)
            merged.forEachField { write(prefix($0), $0, $1) }
        }
    }

    /// What distinguishes a field from the standard field with the same name.
    @inline(__always)
    private func prefix(_ name: String) -> StaticString {
        isReservedNumber[LogFieldNames.number(name)] && isReserved(name) ? "field_" : ""
    }

    /// Whether `name` is the name of a standard field.
    @inline(never)
    private func isReserved(_ name: String) -> Bool { reserved.contains { LogFieldNames.same($0, name) } }

    /// Whether all names in both sets of fields are distinct.
    private static func areDistinct(_ loggerFields: Logger.Metadata, _ eventFields: Logger.Metadata) -> Bool {
        var (seen, repeated) = (UInt64(0), UInt64(0))
        if !loggerFields.isEmpty {
            loggerFields.forEachField { name, _ in
                let bit = bit(name)
                repeated |= seen & bit
                seen |= bit
            }
        }
        eventFields.forEachField { name, _ in
            let bit = bit(name)
            repeated |= seen & bit
            seen |= bit
        }
        return repeated == 0 || compareAll(loggerFields, eventFields)
    }

    /// Compares every name with every other.
    @inline(never)
    private static func compareAll(_ loggerFields: Logger.Metadata, _ eventFields: Logger.Metadata) -> Bool {
        let names = loggerFields.map(\.key) + eventFields.map(\.key)
        for index in names.indices {
            if names[..<index].contains(where: { same($0, names[index]) }) { return false }
        }
        return true
    }

    /// Like `==`, but names of different lengths are compared without a function call.
    private static func same(_ left: String, _ right: String) -> Bool {
        left.utf8.count == right.utf8.count && left == right
    }

    private static var numbers: Int { 512 }

    @inline(__always)
    private static func bit(_ name: String) -> UInt64 { 1 &<< UInt64(truncatingIfNeeded: number(name) & 63) }

    @inline(__always)
    private static func number(_ name: String) -> Int {
        name.utf8.withContiguousStorageIfAvailable { bytes in
            guard let first = bytes.first, let last = bytes.last else { return 0 }
            return ((bytes.count &* 71) ^ Int(first) ^ (Int(last) &* 13)) & (numbers &- 1)
        } ?? 0
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
