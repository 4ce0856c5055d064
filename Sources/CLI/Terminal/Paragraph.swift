/// Breaks text into lines at spaces; existing line breaks stay.
package enum Paragraph {
    package static func lines(_ text: String, width: Int, first: String = "", rest: String = "") -> [StyledText] {
        var lines: [StyledText] = []
        var lead = first
        for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
            var line = StyledText(lead)
            var isEmpty = true
            for word in paragraph.split(separator: " ") {
                let word = StyledText(String(word))
                if !isEmpty, line.width + 1 + word.width > width {
                    lines.append(line)
                    line = StyledText(rest)
                    isEmpty = true
                }
                line += (isEmpty ? "" : " ") + word
                isEmpty = false
            }
            lines.append(line)
            lead = rest
        }
        return lines
    }
}
