import Encoding
import Testing

@Suite("The byte writer")
struct ByteWriterTests {
    @Test("A writer grows from zero capacity and keeps what was written")
    func aWriterGrowsAndKeepsItsBytes() {
        var writer = ByteWriter(capacity: 0)
        for index in 0..<10_000 { writer.append(UInt8(truncatingIfNeeded: index)) }
        #expect(writer.bytes == (0..<10_000).map { UInt8(truncatingIfNeeded: $0) })
    }

    @Test(
        "A writer writes signed decimals in full", arguments: [0, 1, -1, 10, -10, 1_234_567_890, Int64.max, Int64.min])
    func signedDecimalsAreWrittenInFull(value: Int64) {
        var writer = ByteWriter(capacity: 16)
        writer.append(decimal: value)
        #expect(writer.string == String(value))
    }

    @Test("A writer writes the largest unsigned decimal in full")
    func theLargestUnsignedDecimalIsWrittenInFull() {
        var writer = ByteWriter(capacity: 16)
        writer.append(decimal: UInt64.max)
        #expect(writer.string == "18446744073709551615")
    }

    @Test("A writer writes integers in little-endian order")
    func integersAreWrittenInLittleEndianOrder() {
        var writer = ByteWriter(capacity: 16)
        writer.append(littleEndian: UInt32(0x0102_0304))
        writer.append(littleEndian: UInt64(0x0102_0304_0506_0708))
        #expect(writer.bytes == [4, 3, 2, 1, 8, 7, 6, 5, 4, 3, 2, 1])
    }

    @Test("Bytes move forward and backward, even past the capacity", arguments: [-2, -1, 0, 1, 5, 100])
    func bytesMoveForwardAndBackward(distance: Int) {
        var writer = ByteWriter(capacity: 16)
        writer.append("abcdefgh")
        writer.move(from: 2, by: distance)
        #expect(writer.count == 8 + distance)
        #expect(writer.bytes.suffix(6) == Array("cdefgh".utf8)[...])
        #expect(writer.bytes.prefix(min(2, 2 + distance)) == Array("ab".utf8).prefix(min(2, 2 + distance)))
    }

    @Test("A writer appends texts, hex digits and bytes, and truncates them")
    func textsHexDigitsAndBytesAreAppendedAndTruncated() {
        var writer = ByteWriter(capacity: 16)
        writer.append("literal ")
        writer.append(String("tëxt "))
        writer.append(hex: 0xDEAD_BEEF)
        writer.append(contentsOf: [0x21, 0x21])
        writer.append(contentsOf: [])
        #expect(writer.string == "literal tëxt 00000000deadbeef!!")
        writer.truncate(to: 7)
        #expect(writer.string == "literal")
        writer.set(UInt8(ascii: "L"), at: 0)
        #expect(writer.string == "Literal")
        writer.removeAll()
        #expect(writer.bytes.isEmpty)
    }
}
