/// An error that knows where it came from. Recorded as `exception.stacktrace` on spans and `error.stack` in log lines.
public protocol StackTraceError: Error {
    /// The frames, one a line, innermost first.
    var stackTrace: String { get }
}
