/// An invalid command line; the message says in one line what was expected.
package struct UsageError: Error, Equatable, CustomStringConvertible {
    /// What is wrong and what was expected, without the command's name.
    package var message: String
    /// What may have been meant, such as `--rate`.
    package var suggestion: String?

    package init(_ message: String, suggestion: String? = nil) {
        self.message = message
        self.suggestion = suggestion
    }

    package var description: String {
        suggestion.map { "\(message); did you mean \($0)?" } ?? message
    }
}

/// The exit codes of the process.
package enum ExitCode {
    package static let success: Int32 = 0
    /// The command completed with a negative result, or failed.
    package static let failure: Int32 = 1
    /// The command line is invalid.
    package static let usage: Int32 = 2
    /// Ended by Ctrl-C.
    package static let interrupted: Int32 = 130
}
