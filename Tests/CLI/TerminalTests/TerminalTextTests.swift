import Glibc
import Testing

@testable import Encoding
@testable import Terminal

@Suite("The text that reaches a terminal")
struct TerminalTextTests {
    /// All that could do something else than be shown: C0, DEL, C1, line separators, directional controls.
    static let controls: [Unicode.Scalar] =
        [0x00...0x1F, 0x7F...0x9F, 0x2028...0x202E, 0x2066...0x2069, 0x200E...0x200F, 0x061C...0x061C]
        .flatMap { $0 }.compactMap { Unicode.Scalar($0 as UInt32) }

    @Test(
        "Control characters are replaced or escaped",
        arguments: [
            ("größe 日本 🙂", "größe 日本 🙂"), ("", ""), ("a\nb", "a\\nb"), ("a\r\nb", "a\\r\\nb"), ("a\tb", "a b"),
            ("\u{1B}[2J", "\u{FFFD}[2J"), ("x\u{9B}31m", "x\u{FFFD}31m"), ("\u{202E}evil", "\u{FFFD}evil"),
            ("a\u{2028}b\u{2029}", "a\u{FFFD}b\u{FFFD}"), ("\u{7F}", "\u{FFFD}"),
        ])
    func controlCharactersAreReplaced(text: String, cleaned: String) {
        #expect(TerminalText.cleaned(text) == cleaned)
        #expect(TerminalText.cleaned(cleaned) == cleaned)
    }

    @Test("No control character passes, however a text is made", arguments: controls)
    func noControlCharacterPassesAStyledText(control: Unicode.Scalar) {
        let bad = "a\(control)b"
        var text = StyledText(bad, .bold) + "\(bad)"
        text.append(bad, .dim)
        let sink = MemorySink()
        Terminal(sink: sink).line(text.padded(to: 40).truncated(to: 39))
        #expect(!sink.text.dropLast().unicodeScalars.contains { TerminalText.isControl($0) })
        #expect(sink.text.unicodeScalars.count { $0 == "a" } == 3)
    }

    @Test("The width counts what is shown", arguments: controls)
    func theWidthCountsWhatIsShown(control: Unicode.Scalar) {
        let text = StyledText("a\(control)b")
        #expect(text.width == DisplayWidth.of(text.plain))
        #expect(text.width == (["\n", "\r"].contains(control) ? 4 : 3))
    }

    @Test("Escaped JSON keeps its meaning and has no control characters", arguments: controls)
    func escapedJSONKeepsItsMeaning(control: Unicode.Scalar) throws {
        let value: JSONValue = .object(JSONObject([("a\(control)", .string("b\(control)"))]))
        let escaped = TerminalText.escaped(json: value.description)
        #expect(!escaped.unicodeScalars.contains { TerminalText.isControl($0) })
        #expect(try JSONValue(parsing: escaped) == value)
    }

    @Test("Every colour is readable on black and on white", arguments: Style.Color.allCases)
    func everyColourIsReadableOnBlackAndOnWhite(color: Style.Color) {
        let light = Self.luminance(color.rawValue)
        // WCAG 2.2: relative luminance of white is 1, of black 0.
        #expect((1 + 0.05) / (light + 0.05) >= 3.6)
        #expect((light + 0.05) / 0.05 >= 3.6)
    }

    /// Of a colour of the fixed part of the 256: a cube of 6 × 6 × 6, then greys.
    private static func luminance(_ index: UInt8) -> Double {
        let steps = [0, 95, 135, 175, 215, 255]
        let number = Int(index) - 16
        let levels =
            index >= 232
            ? Array(repeating: 8 + 10 * (Int(index) - 232), count: 3)
            : [steps[number / 36], steps[number / 6 % 6], steps[number % 6]]
        let linear = levels.map { level -> Double in
            let value = Double(level) / 255
            return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }
}
