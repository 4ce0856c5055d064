import Encoding
import Testing

@Suite("Comparison with a secret")
struct ConstantTimeTests {
    @Test(
        "A text is equal to the secret or not, whichever byte differs",
        arguments: [
            ("Bearer abc", true), ("Bearer abd", false), ("bearer abc", false), ("Bearer ab", false),
            ("Bearer abcBearer abc", false), ("", false),
        ])
    func comparison(sent: String, isEqual: Bool) {
        #expect(sent.equalsInConstantTime("Bearer abc") == isEqual)
    }

    @Test("An empty secret equals an empty text only")
    func empty() {
        #expect("".equalsInConstantTime(""))
        #expect(!"a".equalsInConstantTime(""))
    }
}
