import OTLP
import Testing

/// A message of two bytes can take hundreds of bytes once it is decoded.
@Suite("OTLP bodies with very many messages")
struct OTLPDecodingLimitTests {
    private static func message(_ field: UInt8, _ content: [UInt8]) -> [UInt8] {
        var length: [UInt8] = []
        var rest = content.count
        while rest >= 0x80 {
            length.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return [field << 3 | 2] + length + [UInt8(rest)] + content
    }

    private static func repeated(_ bytes: [UInt8], _ count: Int) -> [UInt8] { (0..<count).flatMap { _ in bytes } }

    @Test("Empty log records, scopes and attributes count towards the limit")
    func emptyRecordsScopesAndAttributesAreCounted() throws {
        let records = Self.message(1, Self.message(2, Self.repeated([0x12, 0], 400_000)))
        let scopes = Self.message(1, Self.repeated([0x12, 0], 2_000_000))
        let attributes = Self.message(1, Self.message(2, Self.message(2, Self.repeated([0x32, 0], 2_000_000))))
        for body in [records, scopes, attributes] {
            let error = #expect(throws: OTLPDecodingError.self) { try OTLPDecoder.logs(protobuf: body) }
            #expect(error?.description.contains("it holds more than is taken at once") == true)
        }
        let some = Self.message(1, Self.message(2, Self.repeated([0x12, 0], 10_000)))
        #expect(try OTLPDecoder.logs(protobuf: some).resourceLogs.first?.records.count == 10_000)
    }
}
