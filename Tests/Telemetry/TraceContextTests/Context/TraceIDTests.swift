import Testing

@testable import TraceContext

@Suite("Trace ids and span ids")
struct TraceIDTests {
    @Test func aTraceIDIsWrittenAsItWasRead() throws {
        let text = "0af7651916cd43dd8448eb211c80319c"
        let id = try #require(TraceID(text))
        #expect(id.high == 0x0af7_6519_16cd_43dd)
        #expect(id.low == 0x8448_eb21_1c80_319c)
        #expect(id.description == text)
    }

    @Test(arguments: [
        "", "0", "0af7651916cd43dd8448eb211c80319", "0af7651916cd43dd8448eb211c80319c0",
        "0AF7651916CD43DD8448EB211C80319C", "0af7651916cd43dd8448eb211c80319g", "00000000000000000000000000000000",
        " af7651916cd43dd8448eb211c80319c", "0af7651916cd43dd-448eb211c80319c", "0af7651916cd43dd8448eb211c8031é",
    ])
    func aMalformedTraceIDIsRefused(_ text: String) {
        #expect(TraceID(text) == nil)
    }

    @Test func aSpanIDIsWrittenAsItWasRead() throws {
        let id = try #require(SpanID("00f067aa0ba902b7"))
        #expect(id.value == 0x00f0_67aa_0ba9_02b7)
        #expect(id.description == "00f067aa0ba902b7")
    }

    @Test(arguments: [
        "", "00f067aa0ba902b", "00f067aa0ba902b70", "00F067AA0BA902B7", "0000000000000000", "00f067aa0ba902b.",
    ])
    func aMalformedSpanIDIsRefused(_ text: String) {
        #expect(SpanID(text) == nil)
    }

    @Test func anAllZeroIDIsInvalid() {
        #expect(!TraceID(high: 0, low: 0).isValid)
        #expect(TraceID(high: 1, low: 0).isValid)
        #expect(TraceID(high: 0, low: 1).isValid)
        #expect(!SpanID(value: 0).isValid)
    }
}
