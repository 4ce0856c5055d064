import Arguments
import Encoding
import Verification

/// A trace as people refer to it: by its id, the beginning of its id, or a whole `traceparent`.
enum TraceReference: ArgumentValue, Equatable {
    /// 32 hex digits in lower case.
    case whole(String)
    /// 4 to 31 hex digits in lower case: the beginning of an id, or an id that lost its leading zeros.
    case prefix(String)

    static let expectation = "a trace id, its first 4 hex digits or more, or a traceparent"

    init?(argument: String) {
        let parts = argument.lowercased().split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 1 || parts.count == 4 else { return nil }
        let id = String(parts.count == 4 ? parts[1] : parts[0])
        guard id.utf8.allSatisfy({ Hex.value($0) != nil }) else { return nil }
        switch id.utf8.count {
        case 32 where id.contains { $0 != "0" }: self = .whole(id)
        case 4..<32 where parts.count == 1: self = .prefix(id)
        default: return nil
        }
    }

    var argument: String {
        switch self {
        case .whole(let id), .prefix(let id): id
        }
    }

    /// Whether it matches the trace with this id.
    func matches(_ traceID: String) -> Bool {
        switch self {
        case .whole(let id): traceID == id
        case .prefix(let prefix): traceID.hasPrefix(prefix) || traceID == TempoClient.padded(prefix)
        }
    }

    /// The whole id; a prefix is looked up.
    /// - Throws: ``TraceFinder/Failure`` unless exactly one id has the prefix, ``BackendError``.
    func traceID(by finder: TraceFinder) async throws -> String {
        switch self {
        case .whole(let id): id
        case .prefix(let prefix): try await finder.traceID(prefix)
        }
    }
}
