extension Logger {
    /// How much a line matters, least first; the names are swift-log's.
    public enum Level: String, Sendable, CaseIterable, Comparable {
        /// Follows the program step by step.
        case trace
        /// Helps to debug.
        case debug
        /// Says what happened.
        case info
        /// Ordinary, but worth attention.
        case notice
        /// Something is off, the operation went on.
        case warning
        /// An operation failed.
        case error
        /// The service cannot go on.
        case critical

        /// Whether `left` matters less than `right`.
        @inlinable
        public static func < (left: Level, right: Level) -> Bool { left.severity < right.severity }

        /// The level's place, `trace` being 0 and `critical` 6.
        @inlinable public var severity: Int {
            switch self {
            case .trace: 0
            case .debug: 1
            case .info: 2
            case .notice: 3
            case .warning: 4
            case .error: 5
            case .critical: 6
            }
        }
    }
}
