import HTTP
import QuerySupport

extension TempoAPI {
    /// The time range between `start` and `end`, in seconds since the Unix epoch, as nanoseconds; `nil` if none is given.
    static func range(_ parameters: QueryParameters) throws -> ClosedRange<UInt64>? {
        let start = try seconds("start", parameters)
        let end = try seconds("end", parameters)
        guard start > 0 || end > 0 else { return nil }
        guard start < end else {
            throw Problem("http parameter start must be before end. received start=\(start) end=\(end)")
        }
        return UInt64(start) * 1_000_000_000...UInt64(end) * 1_000_000_000
    }

    private static func seconds(_ name: String, _ parameters: QueryParameters) throws -> UInt32 {
        guard let text = parameters[name], !text.isEmpty else { return 0 }
        guard let value = UInt32(text) else {
            throw Problem("invalid \(name): expected whole seconds since 1970, not \"\(text)\"")
        }
        return value
    }

    /// A positive number.
    static func count(_ name: String, _ parameters: QueryParameters, default fallback: Int) throws -> Int {
        guard let text = parameters[name], !text.isEmpty else { return fallback }
        guard let value = UInt32(text) else {
            throw Problem("invalid \(name): expected a whole number, not \"\(text)\"")
        }
        guard value > 0 else { throw Problem("invalid \(name): must be a positive number") }
        guard value <= 262_144 else { throw Problem("\(name) \(value) exceeds max \(name) 262144") }
        return Int(value)
    }

    /// The maximum number of spans per set; `nil` if absent or 0.
    static func spansPerSpanSet(_ parameters: QueryParameters) throws -> Int? {
        guard let text = parameters["spss"], !text.isEmpty else { return nil }
        guard let value = UInt32(text) else {
            throw Problem("invalid spss: expected a whole number, not \"\(text)\"")
        }
        guard value <= maximumSpansPerSpanSet else {
            throw Problem("spans per span set exceeds \(maximumSpansPerSpanSet). received \(value)")
        }
        return value == 0 ? nil : Int(value)
    }

    /// Tempo's `query_frontend.search.max_spans_per_span_set`.
    private static let maximumSpansPerSpanSet: UInt32 = 100

    /// The nanoseconds in a text such as `100ms`.
    static func duration(_ name: String, _ parameters: QueryParameters) throws -> Int64? {
        guard let text = parameters[name], !text.isEmpty else { return nil }
        guard let value = GoText.duration(text) else {
            throw Problem("invalid \(name): expected a duration such as 100ms, not \"\(text)\"")
        }
        return value
    }
}
