/// Why a query cannot be answered; the wording of syntax errors is Loki's.
package enum LogQLError: Error, Equatable, CustomStringConvertible {
    /// The text is not LogQL: where (both count from 1) and why.
    case syntax(line: Int, column: Int, message: String)
    /// The query is well-formed, but makes no sense.
    case invalid(String)
    /// Loki can do this, the pocket stack cannot.
    case unsupported(String)
    /// The same, for what needs a sentence: it says what can be done instead.
    case limited(String)

    /// Whether the query is valid in Loki, only not here.
    package var isUnsupported: Bool {
        switch self {
        case .syntax, .invalid: false
        case .unsupported, .limited: true
        }
    }

    package var description: String {
        switch self {
        case .syntax(let line, let column, let message): "parse error at line \(line), col \(column): \(message)"
        case .invalid(let message): "parse error : \(message)"
        case .limited(let message): "pocket stack: \(message)"
        case .unsupported(let what): "pocket stack: `\(what)` is not supported"
        }
    }
}
