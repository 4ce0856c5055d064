import Encoding
import SQLite
import TraceContext

/// The beginning of a trace id, as people copy it: from 4 hex digits to all 32, in either case.
package struct TracePrefix {
    package let text: String

    /// `nil` for any other text.
    package init?(_ text: String) {
        var digits = text.lowercased()[...]
        while digits.first == " " { digits.removeFirst() }
        while digits.last == " " { digits.removeLast() }
        guard (4...32).contains(digits.utf8.count), digits.utf8.allSatisfy({ Hex.value($0) != nil }) else { return nil }
        self.text = String(digits)
    }

    /// The least and the greatest id with the prefix.
    fileprivate var bounds: (first: TraceID, last: TraceID)? {
        func id(_ filler: Character) -> TraceID? {
            let digits = Array((text + String(repeating: filler, count: 32 - text.utf8.count)).utf8)
            guard let high = Hex.parse(digits[..<16]), let low = Hex.parse(digits[16...]) else { return nil }
            return TraceID(high: high, low: low)
        }
        guard let first = id("0"), let last = id("f") else { return nil }
        return (first, last)
    }
}

extension TraceStore {
    /// The traces whose ids have the prefix, at most `limit`, in no particular order. Tempo writes ids without leading
    /// zeros: if the text is a whole id in that form, only that trace is returned.
    package func traceIDs(_ prefix: TracePrefix, limit: Int) async throws -> [TraceID] {
        if let id = TraceID(padding: prefix.text), try await trace(id) != nil { return [id] }
        guard let (first, last) = prefix.bounds else { return [] }
        return try await database.read { database, _ in
            // The first digit of a half decides its sign, so no range crosses from positive to negative numbers.
            let isLowHalf = prefix.text.utf8.count > 16
            let bounds = isLowHalf ? [first.low, last.low] : [first.high, last.high]
            return try database.query(
                dynamic: """
                    SELECT DISTINCT trace_high, trace_low FROM spans INDEXED BY spans_by_trace
                    WHERE \(isLowHalf ? "trace_low BETWEEN ? AND ? AND trace_high = ?" : "trace_high BETWEEN ? AND ?")
                    LIMIT \(limit)
                    """,
                (bounds + (isLowHalf ? [first.high] : [])).map { .integer(Int64(bitPattern: $0)) }
            ) { TraceID(high: UInt64(bitPattern: $0.int64(0)), low: UInt64(bitPattern: $0.int64(1))) }
        }
    }
}

extension [TraceID] {
    /// The only element, if there is exactly one.
    package var only: TraceID? { count == 1 ? first : nil }
}
