/// A statement as part of the program, with what telemetry shows of it (`db.query.text`): its parameters are placeholders,
/// so that nothing has to be taken out.
package struct QueryText: Sendable {
    /// The statement, to be run.
    package let sql: StaticString
    /// The statement on one line.
    package let text: String

    package init(_ sql: StaticString) {
        self.sql = sql
        text = Self.onOneLine(sql.description)
    }

    /// `text` with one blank wherever there is white space.
    package static func onOneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
