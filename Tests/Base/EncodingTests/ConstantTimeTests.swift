import Encoding
import Testing

@Suite("Comparison with a secret")
struct ConstantTimeTests {
    @Test(
        "A text equals the secret only if every byte does",
        arguments: [
            ("Bearer abc", true), ("Bearer abd", false), ("bearer abc", false), ("Bearer ab", false),
            ("Bearer abcBearer abc", false), ("", false),
        ])
    func aTextEqualsOnlyTheWholeSecret(sent: String, isEqual: Bool) {
        #expect(sent.equalsInConstantTime("Bearer abc") == isEqual)
    }

    @Test("An empty secret equals only an empty text")
    func anEmptySecretEqualsOnlyAnEmptyText() {
        #expect("".equalsInConstantTime(""))
        #expect(!"a".equalsInConstantTime(""))
    }
}
