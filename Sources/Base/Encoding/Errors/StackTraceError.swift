/// An error that knows where it was created: `exception.stacktrace` of span events, `error.stack` of log lines.
public protocol StackTraceError: Error {
    /// The functions, one per line, innermost first; empty if unknown.
    var stackTrace: String { get }
}
