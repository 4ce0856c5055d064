import Metrics
import Vocabulary

/// Counts what the server refuses or cuts off by itself, before or after any handler. Safe to use from any thread.
final class ServerLimits: Sendable {
    /// What was exceeded, or that the request was malformed.
    enum Limit: String, CaseIterable {
        /// The request does not follow RFC 9112.
        case malformed
        case headSize = "head_size"
        case bodySize = "body_size"
        /// The head or the body came too slowly.
        case headTime = "head_time"
        case bodyTime = "body_time"
        /// Nothing came for too long.
        case idleTime = "idle_time"
        /// The client read too slowly.
        case responseTime = "response_time"
        case connections
        /// Unfinished requests or unread responses hold too much memory.
        case memory
    }

    private let counters: [Counter]

    init(factory: any MetricsFactory) {
        // All exist from the start, so that each reports 0 instead of nothing.
        counters = Limit.allCases.map { limit in
            Counter(
                label: "tailspan.http.server.refusals",
                description: "Requests and connections that the server refused or cut off by itself.",
                unit: "{refusal}", dimensions: [("reason", limit.rawValue)], factory: factory)
        }
    }

    func hit(_ limit: Limit) {
        guard let index = Limit.allCases.firstIndex(of: limit) else { return }
        counters[index].increment()
    }
}
