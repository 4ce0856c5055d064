import Testing

@testable import TraceContext

/// The vectors follow the W3C Trace Context Level 2 recommendation and the ideas of its public test suite.
@Suite("The tracestate field")
struct TraceStateTests {
    static let allKeyCharacters = "abcdefghijklmnopqrstuvwxyz0123456789_-*/"
    static let allValueCharacters = String(
        String.UnicodeScalarView((0x20...0x7E).filter { $0 != 0x2C && $0 != 0x3D }.compactMap(Unicode.Scalar.init)))

    /// What is valid and already as short as it can be.
    static let unchanged: [String] = [
        "", "foo=1", "foo=1,bar=2", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE",
        // Leading spaces belong to the value.
        "foo= 1", "foo=  a b",
        // All characters that are allowed.
        allKeyCharacters + "=" + allValueCharacters, allKeyCharacters + "@a-z0-9_-*/=" + allValueCharacters,
        // Keys with at signs follow the same grammar; a key may begin with a digit.
        "foo@=1,bar=2", "foo@@bar=1,bar=2", "foo@bar@baz=1,bar=2", "0tenant@system=x", "1=2", "a=b:c;d.e",
        // Lengths.
        repeated("z", 256) + "=1", "foo=1," + repeated("t", 241) + "@v=1", "t@" + repeated("v", 254) + "=1",
        "a=" + repeated("v", 256),
    ]

    private static func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

    @Test(arguments: unchanged)
    func aValidListIsPassedOnUnchanged(_ text: String) {
        #expect(TraceState.parse(text) == text)
    }

    /// What is valid, and its shortest form.
    static let shortened: [(String, String)] = [
        // Several fields, joined as HTTP has it, keep their order.
        ("foo=1,bar=2, rojo=1,congo=2, baz=3", "foo=1,bar=2,rojo=1,congo=2,baz=3"),
        // Empty fields and members are allowed.
        (" ", ""), (",", ""), (" ,\t, ", ""), ("foo=1, ", "foo=1"), (", foo=1", "foo=1"),
        ("foo=1,,bar=2", "foo=1,bar=2"), ("foo=1,\t,bar=2,", "foo=1,bar=2"),
        // White space around members is no part of them.
        ("foo=1 \t , \t bar=2, \t baz=3", "foo=1,bar=2,baz=3"),
        ("foo=1\t \t,\t \tbar=2,\t \tbaz=3", "foo=1,bar=2,baz=3"), (" foo=1", "foo=1"), ("\tfoo=1", "foo=1"),
        ("foo=1 ", "foo=1"), ("foo=1\t", "foo=1"), ("\t foo=1 \t", "foo=1"), ("foo=  a b ", "foo=  a b"),
        // Of one key the first counts, the most recent one.
        ("foo=1,foo=1", "foo=1"), ("foo=1,foo=2", "foo=1"), ("foo=1,bar=2, foo=3", "foo=1,bar=2"),
    ]

    @Test(arguments: shortened)
    func aValidListIsNormalized(_ text: String, _ expected: String) {
        #expect(TraceState.parse(text) == expected)
    }

    @Test(arguments: [
        // No member.
        "foo", "foo=1,bar", "=", "=1", ",=", "foo=1,=2", "foo=", "foo= ", "foo=,bar=3", "foo=1,bar",
        // Keys.
        "foo =1", "FOO=1", "Foo=1", "foo.bar=1", "@foo=1,bar=2", "_foo=1", "-foo=1", "*foo=1", "/foo=1", "fo o=1",
        "foo\t=1", "föo=1", "foo:=1", "\"foo\"=1", repeated("z", 257) + "=1",
        "foo=1," + repeated("z", 257) + "=1",
        // Values.
        "foo=bar=baz", "foo==", "foo=a\tb", "foo=a\u{7F}", "foo=é", "foo=\u{0}", "foo=a\nb",
        "a=" + repeated("v", 257),
        // One bad member spoils the list.
        "good=1,BAD=2", "good=1, worse", "a=1,b=2,c==3",
    ])
    func anInvalidListIsDiscardedAsAWhole(_ text: String) {
        #expect(TraceState.parse(text) == nil)
    }

    @Test func aListMayHave32Members() {
        func list(_ count: Int) -> String { (1...count).map { "bar\($0)=\($0)" }.joined(separator: ",") }
        #expect(TraceState.parse(list(32)) == list(32))
        #expect(TraceState.parse(list(33)) == nil)
        #expect(TraceState.parse(list(32) + ", ,") == list(32))
    }

    @Test func longListsAreKept() {
        let list = (1...32).map { "key\($0)=" + String(repeating: "v", count: 200) }.joined(separator: ",")
        #expect(list.utf8.count > 512)
        #expect(TraceState.parse(list) == list)
    }
}
