import Encoding
import HTTP
import PocketStore
import QuerySupport
import Vocabulary

/// An invalid parameter, in Loki's wording.
struct LokiParameterError: Error, Equatable, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// The parameters of a query, from the URL and, for a POST, from a form in the body.
struct LokiParameters {
    static let defaultLimit = 100
    static let maximumLimit = LokiLimits.maximumEntries
    private static let second: Int64 = 1_000_000_000
    private static let maximumRange: Int64 = (30 * 24 + 1) * 3600 * second
    private static let maximumPoints = 11_000
    /// The maximum size of a form: the longest query, percent-encoded, and some more.
    static let maximumForm = 512 << 10

    private let values: [QueryParameters]
    private let now: Int64

    init(_ request: Request, now: UInt64) {
        var values = [request.queryParameters]
        let type = request.headers[Header.contentType] ?? ""
        if request.method == .post, type.lowercased().hasPrefix("application/x-www-form-urlencoded") {
            values.insert(QueryParameters(query: String(decoding: request.body, as: UTF8.self)), at: 0)
        }
        self.values = values
        self.now = Int64(clamping: now)
    }

    subscript(name: String) -> String? {
        for source in values { if let value = source[name], !value.isEmpty { return value } }
        return nil
    }

    func all(_ name: String) -> [String] { values.flatMap { $0.all(name) } }

    var query: String { self["query"] ?? "" }

    // MARK: Times

    /// Nanoseconds since the Unix epoch, from nanoseconds, seconds (also with a fraction) or RFC 3339. A time outside
    /// of the range is clamped to it.
    static func time(_ text: String) throws(LokiParameterError) -> Int64 {
        if text.contains("."), let seconds = Double(text), seconds.isFinite {
            // The fraction is handled separately: a double cannot hold this century's times in nanoseconds.
            let whole = seconds.rounded(.down)
            return Int64(nearest: whole).times(second).plus(Int64(nearest: ((seconds - whole) * 1e9).rounded()))
        }
        if let number = Int64(text) {
            if text.utf8.count <= 10 { return number.times(second) }
            return number
        }
        if let time = RFC3339.parse(text.utf8) { return Int64(clamping: time) }
        throw LokiParameterError("strconv.ParseInt: parsing \"\(text)\": invalid syntax")
    }

    private func time(_ name: String, default fallback: Int64) throws(LokiParameterError) -> Int64 {
        guard let text = self[name] else { return fallback }
        do {
            return try Self.time(text)
        } catch {
            throw LokiParameterError("could not parse '\(name)' parameter: \(error)")
        }
    }

    /// The time of an instant query.
    func moment() throws(LokiParameterError) -> Int64 {
        guard let text = self["time"] else { return now }
        return try Self.time(text)
    }

    /// `start` and `end`; the default is the last hour, or the last `since`.
    func bounds() throws(LokiParameterError) -> (start: Int64, end: Int64) {
        let end = try time("end", default: now)
        var since = 3600 * Self.second
        if let text = self["since"] {
            guard let value = Measure.duration(text) else {
                throw LokiParameterError("could not parse 'since' parameter: not a valid duration string: \"\(text)\"")
            }
            since = value
        }
        return (try time("start", default: min(end, now).minus(since)), end)
    }

    private func duration(_ name: String) throws(LokiParameterError) -> Int64? {
        guard let text = self[name] else { return nil }
        if let seconds = Double(text), seconds.magnitude < 9e9 { return Int64(nearest: seconds * 1e9) }
        if case .success(let value) = Measure.range(text) { return value }
        throw LokiParameterError("cannot parse \"\(text)\" to a valid duration")
    }

    /// The parameters of a range query.
    func range() throws(LokiParameterError) -> QueryRange {
        let (start, end) = try bounds()
        guard end > start else { throw LokiParameterError("end timestamp must not be before or equal to start time") }
        let length = end.minus(start)
        let step = try duration("step") ?? max(1, length / Self.second / 250) * Self.second
        guard step > 0 else {
            throw LokiParameterError(
                "zero or negative query resolution step widths are not accepted. Try a positive integer")
        }
        guard length / step <= Self.maximumPoints else {
            throw LokiParameterError(
                "exceeded maximum resolution of 11,000 points per time series. Try increasing the value of the step "
                    + "parameter")
        }
        guard length <= Self.maximumRange else {
            throw LokiParameterError(
                "the query time range exceeds the limit (query length: \(Self.hours(length)), limit: 30d1h)")
        }
        return QueryRange(start: start, end: end, step: step)
    }

    func interval() throws(LokiParameterError) -> Int64 {
        let interval = try duration("interval") ?? 0
        guard interval >= 0 else { throw LokiParameterError("interval must be >= 0") }
        return interval
    }

    /// A duration in Go's format.
    private static func hours(_ nanoseconds: Int64) -> String {
        let seconds = nanoseconds / second
        return "\(seconds / 3600)h\(seconds % 3600 / 60)m\(seconds % 60)s"
    }

    // MARK: Others

    func limit() throws(LokiParameterError) -> Int {
        guard let text = self["limit"] else { return Self.defaultLimit }
        guard let limit = Int(text) else {
            throw LokiParameterError("strconv.Atoi: parsing \"\(text)\": invalid syntax")
        }
        guard limit > 0 else { throw LokiParameterError("limit must be a positive value") }
        return limit
    }

    /// Whether the newest lines come first.
    func newestFirst() throws(LokiParameterError) -> Bool {
        guard let text = self["direction"] else { return true }
        switch text.lowercased() {
        case "forward": return false
        case "backward": return true
        default: throw LokiParameterError("invalid direction '\(text)'")
        }
    }
}
