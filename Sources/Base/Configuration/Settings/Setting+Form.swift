extension Setting {
    /// What a value must be.
    package enum Form: Sendable, Equatable {
        case flag
        case integer(ClosedRange<Int>)
        /// One of a few words.
        case choice([String])
        /// An `http` or `https` URL; the argument is an example.
        case url(String)
        /// Anything else. The argument is what messages say is expected.
        case text(String)

        /// What messages name after "expected" when a value is refused.
        package var expectation: String {
            switch self {
            case .flag: "true or false"
            case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
            case .choice(let words) where words.count > 1:
                words.dropLast().joined(separator: ", ") + " or " + words[words.count - 1]
            case .choice(let words): words.joined()
            case .url(let example): "a URL such as " + example
            case .text(let text): text
            }
        }

        package static let anyText = Form.text("any text")
        package static let file = Form.text("a file")
        package static let folder = Form.text("a folder")
        /// A number that the OpenTelemetry specification leaves unbounded; this SDK keeps 32 bits.
        package static func number(atLeast minimum: Int = 0) -> Form { .integer(minimum...Int(Int32.max)) }
    }
}
