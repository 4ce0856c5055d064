/// A statement that is part of the program, and its form in telemetry (`db.query.text`). Its parameters are
/// placeholders, so nothing has to be redacted.
package struct QueryText: Sendable {
    /// The statement to run.
    package let sql: StaticString
    /// The statement on one line.
    package let text: String

    package init(_ sql: StaticString) {
        self.sql = sql
        text = Self.onOneLine(sql.description)
    }

    /// Returns `text` with each run of white space replaced by one space.
    package static func onOneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
