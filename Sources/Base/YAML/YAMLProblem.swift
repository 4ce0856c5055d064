import CYAML

/// libyaml's error message, with advice for common mistakes.
enum YAMLProblem {
    static func error(of parser: yaml_parser_t, in text: UnsafeBufferPointer<UInt8>) -> YAMLError {
        let problem = parser.problem.map { String(cString: $0) } ?? "unreadable"
        // Input that is not text has an offset but no position.
        guard parser.error != YAML_READER_ERROR else {
            let place = place(of: parser.problem_offset, in: text)
            return YAMLError(message: problem, line: place.line, column: place.column)
        }
        let context = parser.context.map { " " + String(cString: $0) } ?? ""
        let mark = TextPlace(line: Int(parser.problem_mark.line) + 1, column: Int(parser.problem_mark.column) + 1)
        let advice = advice(problem, character(at: mark, in: text)).map { ": " + $0 } ?? ""
        return YAMLError(message: problem + context + advice, line: mark.line, column: mark.column)
    }

    private static func advice(_ problem: String, _ character: Unicode.Scalar?) -> String? {
        switch (problem, character) {
        case ("found character that cannot start any token", "\t"): "indent by spaces, not by tabs"
        case ("found character that cannot start any token", let character?):
            "a text that begins with '\(character)' needs quotes"
        // `> 10`, where no block scalar was meant.
        case ("did not find expected comment or line break", _): "a text that begins with '>' or '|' needs quotes"
        default: nil
        }
    }

    private static func place(of offset: Int, in text: UnsafeBufferPointer<UInt8>) -> TextPlace {
        let before = text.prefix(offset)
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        return TextPlace(
            line: before.count { $0 == UInt8(ascii: "\n") } + 1,
            column: String(decoding: before[lineStart...], as: UTF8.self).unicodeScalars.count + 1)
    }

    private static func character(at place: TextPlace, in text: UnsafeBufferPointer<UInt8>) -> Unicode.Scalar? {
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard place.line <= lines.count else { return nil }
        return String(decoding: lines[place.line - 1], as: UTF8.self).unicodeScalars.dropFirst(place.column - 1).first
    }
}
