/// An error that knows where it was made: `exception.stacktrace` of span events, `error.stack` of log lines.
public protocol StackTraceError: Error {
    /// The functions, one a line, innermost first; empty if they are not known.
    var stackTrace: String { get }
}
