import Encoding
import Logging
import Testing

@testable import LogOutput

@Suite("Control characters in text lines")
struct TextLineControlsTests {
    @Test(
        "Control characters are escaped in messages, values and names",
        arguments: [
            ("\u{9B}31m", #"\u009b31m"#), ("\u{7F}", #"\u007f"#), ("\u{202E}x", #"\u202ex"#), ("\u{2028}", #"\u2028"#),
            ("\u{61C}", #"\u061c"#), ("ü\u{85}", #"ü\u0085"#),
        ])
    func controlCharactersAreEscaped(text: String, escaped: String) {
        #expect(line(.text, .info, text).hasSuffix("  \(escaped)\n"))
        #expect(line(.text, .info, "m", ["k": .string(text)]).hasSuffix("  m  k=\"\(escaped)\"\n"))
        let named = line(.text, .info, "m", ["a" + text: 1])
        #expect(named.contains("  m  a"))
        #expect(!named.dropLast().unicodeScalars.contains { TerminalText.isControl($0) })
    }

    @Test("Printable text stays as it is")
    func printableTextStaysAsItIs() {
        #expect(line(.text, .info, "größe 日本", ["ü": "é🦀"]).hasSuffix("  größe 日本  ü=é🦀\n"))
    }
}
