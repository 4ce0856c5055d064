import Arguments

/// Whether a part that died is restarted.
package enum RestartPolicy: String, ArgumentValue, CaseIterable {
    /// It stays down; the others continue without it.
    case never
    /// It is restarted unless it exited with code 0: after a pause that doubles, and only a limited number of times.
    case onFailure = "on-failure"
}

/// Counts a part's restarts, and decides when the next one is allowed.
package struct RestartBudget: Sendable {
    /// The maximum number of restarts in a row; a part that keeps running ends the row.
    static let mostInARow = 5
    static let lasting = Duration.seconds(60)

    private var inARow = 0

    package init() {}

    /// How long to wait before the next start: 1, 2, 4, 8, 16 seconds.
    /// - Parameter lifetime: how long the part had been running when it died.
    /// - Returns: `nil` if it must not be restarted any more.
    package mutating func pause(afterLifetime lifetime: Duration) -> Duration? {
        if lifetime >= Self.lasting { inARow = 0 }
        guard inARow < Self.mostInARow else { return nil }
        defer { inARow += 1 }
        return .seconds(1 << inARow)
    }
}
