import Glibc
import Synchronization

/// What all servers of the process hold together of requests that are not finished and of answers that are not sent: one
/// bound, for the process has one memory. Safe to use from any thread.
final class TransferLimits: Sendable {
    static let process = TransferLimits(requestBytes: 64 << 20, responseBytes: 192 << 20)

    private let maximumRequestBytes: Int
    private let maximumResponseBytes: Int
    private let requestBytes = Atomic(0)
    private let responseBytes = Atomic(0)
    private let connections = Atomic(0)

    init(requestBytes: Int, responseBytes: Int) {
        maximumRequestBytes = requestBytes
        maximumResponseBytes = responseBytes
    }

    /// Takes room for a piece of a request's body; `false` if there is none.
    func takeRequest(_ count: Int) -> Bool { Self.take(count, of: requestBytes, maximumRequestBytes) }
    func returnRequest(_ count: Int) { requestBytes.wrappingSubtract(count, ordering: .relaxed) }

    /// Takes room for an answer; `false` if there is none.
    func takeResponse(_ count: Int) -> Bool { Self.take(count, of: responseBytes, maximumResponseBytes) }
    func returnResponse(_ count: Int) { responseBytes.wrappingSubtract(count, ordering: .relaxed) }

    /// What is taken at the moment.
    var heldRequestBytes: Int { requestBytes.load(ordering: .relaxed) }
    var heldResponseBytes: Int { responseBytes.load(ordering: .relaxed) }

    private static func take(_ count: Int, of bytes: borrowing Atomic<Int>, _ limit: Int) -> Bool {
        let sum = bytes.wrappingAdd(count, ordering: .relaxed).newValue
        if sum <= limit { return true }
        bytes.wrappingSubtract(count, ordering: .relaxed)
        return false
    }

    // MARK: Connections

    func connectionOpened() { connections.wrappingAdd(1, ordering: .relaxed) }
    func connectionClosed() { connections.wrappingSubtract(1, ordering: .relaxed) }

    /// Whether the process has more connections than its descriptors allow: files and upstreams need some, too.
    var hasTooManyConnections: Bool { connections.load(ordering: .relaxed) > Self.maximumConnections }

    /// Three quarters of what the process may open, after it has asked for as much as it may have.
    private static let maximumConnections: Int = {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 768 }
        if limit.rlim_cur < limit.rlim_max {
            var more = rlimit(rlim_cur: min(limit.rlim_max, 65_536), rlim_max: limit.rlim_max)
            // What is not given is done without.
            if more.rlim_cur > limit.rlim_cur, setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &more) == 0 {
                limit = more
            }
        }
        return max(16, Int(clamping: limit.rlim_cur) / 4 * 3)
    }()
}
