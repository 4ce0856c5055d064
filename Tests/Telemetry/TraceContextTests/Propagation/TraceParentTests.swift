import Testing

@testable import TraceContext

/// The vectors follow the W3C Trace Context Level 2 recommendation and the ideas of its public test suite.
@Suite("The traceparent field")
struct TraceParentTests {
    static let trace = "12345678901234567890123456789012"
    static let span = "1234567890123456"

    @Test(arguments: [
        ("00-\(trace)-\(span)-00", 0x00), ("00-\(trace)-\(span)-01", 0x01), ("00-\(trace)-\(span)-02", 0x02),
        ("00-\(trace)-\(span)-03", 0x03),
        // Flags without a meaning are not passed on.
        ("00-\(trace)-\(span)-ff", 0x03), ("00-\(trace)-\(span)-fc", 0x00), ("00-\(trace)-\(span)-05", 0x01),
        // A later version may be longer, after a dash.
        ("01-\(trace)-\(span)-01", 0x01), ("cc-\(trace)-\(span)-01", 0x01), ("fe-\(trace)-\(span)-00", 0x00),
        ("cc-\(trace)-\(span)-01-what-the-future-will-be-like", 0x01), ("cc-\(trace)-\(span)-03-", 0x03),
        // White space around the value is no part of it.
        (" 00-\(trace)-\(span)-01", 0x01), ("\t00-\(trace)-\(span)-01", 0x01), ("00-\(trace)-\(span)-01 ", 0x01),
        ("00-\(trace)-\(span)-01\t", 0x01), ("\t 00-\(trace)-\(span)-01 \t", 0x01),
        ("  cc-\(trace)-\(span)-01-x  ", 0x01),
    ])
    func aValidValueIsRead(_ text: String, _ flags: Int) throws {
        let context = try #require(TraceParent.parse(text))
        #expect(context.traceID.description == Self.trace)
        #expect(context.spanID.description == Self.span)
        #expect(context.traceFlags.rawValue == UInt8(flags))
        #expect(context.isRemote)
        #expect(context.traceState.isEmpty)
    }

    @Test(arguments: [
        // Nothing there.
        "", " ", "\t", "-", "---", "00", "00-", "00---", "null",
        // Too long for version 00.
        "00-\(trace)-\(span)-01.", "00-\(trace)-\(span)-01-", "00-\(trace)-\(span)-01-what-the-future-will-be-like",
        "00-\(trace)-\(span)-010", "00-\(trace)-\(span)-001", "00-\(trace)-\(span)-01 x",
        // Too long for a later version, if no dash follows.
        "cc-\(trace)-\(span)-01.what-the-future-will-be-like", "cc-\(trace)-\(span)-011", "01-\(trace)-\(span)-01x",
        "cc-\(trace)-\(span)-01 ,", "cc-\(trace)-\(span)-01_more",
        // A forbidden version, or none.
        "ff-\(trace)-\(span)-01", "ff-\(trace)-\(span)-01-x", ".0-\(trace)-\(span)-01", "0.-\(trace)-\(span)-01",
        "0g-\(trace)-\(span)-01", "CC-\(trace)-\(span)-01", "  -\(trace)-\(span)-01", "000-\(trace)-\(span)-01",
        "0000-\(trace)-\(span)-01", "0-\(trace)-\(span)-01", "-\(trace)-\(span)-01", "\(trace)-\(span)-01",
        // The trace id.
        "00-00000000000000000000000000000000-\(span)-01", "cc-00000000000000000000000000000000-\(span)-01",
        "00-.2345678901234567890123456789012-\(span)-01", "00-1234567890123456789012345678901.-\(span)-01",
        "00-123456789012345678901234567890123-\(span)-01", "00-1234567890123456789012345678901-\(span)-01",
        "00-ABCDEF78901234567890123456789012-\(span)-01", "00-1234567890123456789012345678901A-\(span)-01",
        "00-1234567890123456-\(span)-01", "00--\(span)-01", "00-1234567890123456 890123456789012-\(span)-01",
        "00-12345678-0123-4567-8901-23456789-\(span)-01",
        // The parent id.
        "00-\(trace)-0000000000000000-01", "cc-\(trace)-0000000000000000-01", "00-\(trace)-.234567890123456-01",
        "00-\(trace)-123456789012345.-01", "00-\(trace)-12345678901234567-01", "00-\(trace)-123456789012345-01",
        "00-\(trace)-123456789012345A-01", "00-\(trace)--01", "00-\(trace)-01", "00-\(trace)-\(trace)-01",
        // The flags.
        "00-\(trace)-\(span)-.0", "00-\(trace)-\(span)-0.", "00-\(trace)-\(span)-1", "00-\(trace)-\(span)-",
        "00-\(trace)-\(span)", "00-\(trace)-\(span)-0G", "00-\(trace)-\(span)-0A", "00-\(trace)-\(span)-0x",
        "cc-\(trace)-\(span)-0.", "cc-\(trace)-\(span)-",
        // The dashes.
        "00_\(trace)-\(span)-01", "00-\(trace)_\(span)-01", "00-\(trace)-\(span)_01", "00 \(trace) \(span) 01",
        "00-\(trace)-\(span)–01",
        // Several fields, joined as HTTP has it.
        "00-\(trace)-\(span)-01, 00-\(trace)-\(span)-01", "00-\(trace)-\(span)-01,00-\(trace)-\(span)-01",
        "cc-\(trace)-\(span)-01, cc-\(trace)-\(span)-01", "00-\(trace)-\(span)-01,", ",00-\(trace)-\(span)-01",
        // Other characters.
        "00-\(trace)-\(span)-01\n", "\r\n00-\(trace)-\(span)-01", "00-\(trace)-\(span)-01\u{0}",
        "0０-\(trace)-\(span)-01", "00-\(trace)-\(span)-é1", "\u{FEFF}00-\(trace)-\(span)-01",
        "\"00-\(trace)-\(span)-01\"",
    ])
    func anInvalidValueIsRefused(_ text: String) {
        #expect(TraceParent.parse(text) == nil)
    }

    @Test func valuesAreWrittenInVersion00() throws {
        let context = try #require(TraceParent.parse("cc-\(Self.trace)-\(Self.span)-03-more"))
        #expect(TraceParent.format(context) == "00-\(Self.trace)-\(Self.span)-03")
    }

    @Test func undefinedFlagsAreSentAsZero() {
        let context = SpanContext(
            traceID: TraceID(high: 0, low: 1), spanID: SpanID(value: 0xabcdef), traceFlags: TraceFlags(rawValue: 0xFF))
        #expect(TraceParent.format(context) == "00-00000000000000000000000000000001-0000000000abcdef-03")
    }
}
