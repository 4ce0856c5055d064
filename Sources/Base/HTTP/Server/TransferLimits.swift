import Glibc
import Synchronization

/// Limits the memory for unfinished requests and unsent responses over all servers of the process, which share its
/// memory. Safe to use from any thread.
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

    /// Reserves space for a piece of a request body; `false` if the limit is reached.
    func takeRequest(_ count: Int) -> Bool { Self.take(count, of: requestBytes, maximumRequestBytes) }
    func returnRequest(_ count: Int) { requestBytes.wrappingSubtract(count, ordering: .relaxed) }

    /// Reserves space for a response; `false` if the limit is reached.
    func takeResponse(_ count: Int) -> Bool { Self.take(count, of: responseBytes, maximumResponseBytes) }
    func returnResponse(_ count: Int) { responseBytes.wrappingSubtract(count, ordering: .relaxed) }

    /// The bytes currently reserved.
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

    /// Whether there are more connections than the descriptor limit allows. Files and upstreams need descriptors too.
    var hasTooManyConnections: Bool { connections.load(ordering: .relaxed) > Self.maximumConnections }

    /// Three quarters of the descriptor limit, after raising it to the maximum allowed.
    private static let maximumConnections: Int = {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 768 }
        if limit.rlim_cur < limit.rlim_max {
            var more = rlimit(rlim_cur: min(limit.rlim_max, 65_536), rlim_max: limit.rlim_max)
            // If raising the limit fails, the current one stays.
            if more.rlim_cur > limit.rlim_cur, setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &more) == 0 {
                limit = more
            }
        }
        return max(16, Int(clamping: limit.rlim_cur) / 4 * 3)
    }()
}
