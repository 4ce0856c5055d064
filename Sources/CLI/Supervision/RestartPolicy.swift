import Arguments

/// Whether a part that died is started again.
package enum RestartPolicy: String, ArgumentValue, CaseIterable {
    /// It stays away; the others go on without it.
    case never
    /// It is started again unless it ended with exit code 0: after a pause that doubles, and not for ever.
    case onFailure = "on-failure"
}

/// How often a part was started again, and when it may be once more.
package struct RestartBudget: Sendable {
    /// So many starts in a row; one that lasts counts as the end of a row.
    static let mostInARow = 5
    static let lasting = Duration.seconds(60)

    private var inARow = 0

    package init() {}

    /// How long to wait before the next start: 1, 2, 4, 8, 16 seconds.
    /// - Parameter lifetime: how long the part had run when it died.
    /// - Returns: `nil` if it is not to be started any more.
    package mutating func pause(afterLifetime lifetime: Duration) -> Duration? {
        if lifetime >= Self.lasting { inARow = 0 }
        guard inARow < Self.mostInARow else { return nil }
        defer { inARow += 1 }
        return .seconds(1 << inARow)
    }
}
