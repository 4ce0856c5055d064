import Encoding
import Testing

@testable import OTLP

@Suite("The protobuf wire format")
struct ProtobufWireTests {
    static let varints: [(UInt64, [UInt8])] = [
        (0, [0]), (1, [1]), (127, [0x7F]), (128, [0x80, 1]), (300, [0xAC, 2]), (16_383, [0xFF, 0x7F]),
        (16_384, [0x80, 0x80, 1]),
        (UInt64(UInt32.max), [0xFF, 0xFF, 0xFF, 0xFF, 0x0F]),
        (.max, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1]),
    ]

    @Test("Varints are written and read back", arguments: varints)
    func varintsAreWrittenAndReadBack(value: UInt64, bytes: [UInt8]) throws {
        var writer = ProtobufWriter(capacity: 16)
        writer.varint(value)
        #expect(writer.output.bytes == bytes)
        if let small = Int(exactly: value) { #expect(ProtobufWriter.width(ofVarint: small) == bytes.count) }
        try read([0x08] + bytes) { reader throws in
            #expect(try reader.nextField() == 1)
            #expect(try reader.varint() == value)
            #expect(try reader.nextField() == nil)
        }
    }

    @Test("Lengths of every width read back, whatever width was expected", arguments: [1, 2, 3, 5])
    func everyWidthOfALengthReadsBack(guess: Int) throws {
        for length in [0, 1, 2, 126, 127, 128, 129, 300, 16_381, 16_382, 16_383, 16_384, 16_385] {
            let content = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            var writer = ProtobufWriter(capacity: 16)
            writer.integer(1, 5)
            let outer = writer.begin(2, expectedWidth: guess)
            let inner = writer.begin(3, expectedWidth: guess)
            writer.output.append(contentsOf: content)
            writer.end(inner)
            writer.end(outer)
            writer.integer(4, 6)
            try read(writer.output.bytes) { reader throws in
                #expect(try reader.nextField() == 1)
                #expect(try reader.varint() == 5)
                #expect(try reader.nextField() == 2)
                var message = try reader.message()
                #expect(try message.nextField() == 3)
                let view = try message.bytesView()
                #expect(view.elementsEqual(content))
                #expect(try message.nextField() == nil)
                #expect(try reader.nextField() == 4)
                #expect(try reader.varint() == 6)
                #expect(try reader.nextField() == nil)
            }
        }
    }

    @Test("Scalars at their defaults are left out, and others keep their value")
    func defaultScalarsAreLeftOut() throws {
        var writer = ProtobufWriter()
        writer.integer(1, 0)
        writer.string(2, "")
        writer.fixed64(3, 0)
        writer.fixed32(4, 0)
        #expect(writer.output.count == 0)
        writer.string(2, "é")
        writer.fixed64(3, 0x0102_0304_0506_0708)
        writer.fixed32(4, 0x0102_0304)
        writer.presentString(5, "")
        #expect(
            writer.output.bytes == [
                0x12, 2, 0xC3, 0xA9, 0x19, 8, 7, 6, 5, 4, 3, 2, 1, 0x25, 4, 3, 2, 1, 0x2A, 0,
            ])
        try read(writer.output.bytes) { reader throws in
            #expect(try reader.nextField() == 2)
            #expect(try reader.string() == "é")
            #expect(try reader.nextField() == 3)
            #expect(try reader.fixed64() == 0x0102_0304_0506_0708)
            #expect(try reader.nextField() == 4)
            #expect(try reader.fixed32() == 0x0102_0304)
            #expect(try reader.nextField() == 5)
            try reader.skip()
            #expect(try reader.nextField() == nil)
        }
    }

    static let malformed: [([UInt8], String)] = [
        ([0x80], "the message ends within a number"), ([0x08], "the message ends within a number"),
        ([0x08, 0x80, 0x80], "the message ends within a number"),
        ([0x08] + [UInt8](repeating: 0xFF, count: 9) + [0x02], "a number of more than 64 bits"),
        ([0x08] + [UInt8](repeating: 0x80, count: 11), "a number of more than 64 bits"),
        ([0x00, 0x00], "a field number of 0"), ([0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 0x00], "a field number of 4294967295"),
        ([0x09, 1, 2, 3], "the message ends within a number"), ([0x0D, 1, 2, 3], "the message ends within a number"),
        ([0x0A, 5, 1, 2], "a length of 5 where 2 bytes are left"),
        (
            [0x0A] + [UInt8](repeating: 0xFF, count: 9) + [0x01],
            "a length of 18446744073709551615 where 0 bytes are left"
        ),
        ([0x0B], "wire type 3, which OTLP does not use"), ([0x0C], "wire type 4, which OTLP does not use"),
        ([0x0E], "wire type 6, which OTLP does not use"), ([0x0F], "wire type 7, which OTLP does not use"),
    ]

    @Test("Malformed bytes are refused with the reason", arguments: malformed)
    func malformedBytesAreRefusedWithAReason(bytes: [UInt8], message: String) {
        let error = #expect(throws: ProtobufError.self) {
            try read(bytes) { reader throws in while try reader.nextField() != nil { try reader.skip() } }
        }
        #expect(error?.message == message)
        #expect((error?.offset ?? -1) <= bytes.count)
    }

    @Test("A field of an unexpected type is refused")
    func aFieldOfAnUnexpectedTypeIsRefused() {
        #expect(throws: ProtobufError(message: "wire type 0 where a length and bytes was expected", offset: 1)) {
            try read([0x08, 1]) { reader throws in
                _ = try reader.nextField()
                _ = try reader.string()
            }
        }
    }

    @Test("Bytes that are not UTF-8 become U+FFFD")
    func bytesThatAreNotUTF8AreReplaced() throws {
        try read([0x0A, 3, 0x61, 0xFF, 0x62]) { reader throws in
            _ = try reader.nextField()
            #expect(try reader.string() == "a\u{FFFD}b")
        }
    }
}

/// Lends `bytes` to a reader.
func read(_ bytes: [UInt8], _ body: (inout ProtobufReader) throws -> Void) throws {
    try bytes.withUnsafeBufferPointer { buffer in
        var reader = ProtobufReader(buffer)
        try body(&reader)
    }
}
