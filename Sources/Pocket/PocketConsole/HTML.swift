/// A piece of HTML, written as a string literal. The literal is markup; interpolated values are escaped, unless they
/// are ``HTML`` themselves: so text from outside cannot become markup.
///
///     let cell: HTML = "<td title=\"\(name)\">\(name)</td>"
struct HTML: Sendable, Equatable, ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    private(set) var text: String

    init(stringLiteral value: String) { text = value }
    init(stringInterpolation: Interpolation) { text = stringInterpolation.text }

    static let empty: HTML = ""

    static func + (left: HTML, right: HTML) -> HTML {
        var result = left
        result.text += right.text
        return result
    }

    struct Interpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + interpolationCount * 16)
        }

        mutating func appendLiteral(_ literal: String) { text += literal }
        mutating func appendInterpolation(_ html: HTML) { text += html.text }
        mutating func appendInterpolation(_ parts: [HTML]) { for part in parts { text += part.text } }
        mutating func appendInterpolation(_ number: some BinaryInteger) { text += String(number) }

        /// Escapes characters with a meaning in text or in a quoted attribute.
        mutating func appendInterpolation(_ value: some StringProtocol) {
            for scalar in value.unicodeScalars {
                switch scalar {
                case "&": text += "&amp;"
                case "<": text += "&lt;"
                case ">": text += "&gt;"
                case "\"": text += "&quot;"
                case "'": text += "&#39;"
                // Control characters other than white space are not allowed in HTML.
                case "\u{0}"..."\u{8}", "\u{B}", "\u{E}"..."\u{1F}", "\u{7F}": text += "\u{FFFD}"
                default: text.unicodeScalars.append(scalar)
                }
            }
        }
    }
}
