extension Logger {
    /// The severity of a line, lowest first. The names are those of swift-log.
    public enum Level: String, Sendable, CaseIterable, Comparable {
        /// Step-by-step details of the program flow.
        case trace
        /// Information for debugging.
        case debug
        /// Information about normal operation.
        case info
        /// Normal, but worth attention.
        case notice
        /// Something is wrong, but the operation continued.
        case warning
        /// An operation failed.
        case error
        /// The service cannot continue.
        case critical

        /// Whether `left` is less severe than `right`.
        @inlinable
        public static func < (left: Level, right: Level) -> Bool { left.severity < right.severity }

        /// The numeric severity, from 0 for `trace` to 6 for `critical`.
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
