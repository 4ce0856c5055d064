import Encoding
import Testing

@Suite("gzip compression")
struct GzipTests {
    static let plain = Array(String(repeating: "a span, a line, a trace. ", count: 400).utf8)

    @Test("Compressed bytes read back as they were", arguments: [0, 1, 9])
    func compressedBytesReadBack(level: Int32) throws {
        for bytes in [
            [], [0x61], Self.plain, (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) },
        ] {
            let compressed = try Gzip.compress(bytes, level: level)
            #expect(Array(compressed.prefix(2)) == [0x1F, 0x8B])
            #expect(try Gzip.decompress(compressed, limit: bytes.count) == bytes)
        }
        #expect(try Gzip.compress(Self.plain, level: 1).count < Self.plain.count / 10)
    }

    @Test("A body made by gzip(1) is read")
    func aBodyMadeByTheGzipToolIsRead() throws {
        // printf hello | gzip -n
        let bytes: [UInt8] = [
            0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0xCB, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x86,
            0xA6,
            0x10, 0x36, 0x05, 0x00, 0x00, 0x00,
        ]
        #expect(try Gzip.decompress(bytes, limit: 5) == Array("hello".utf8))
    }

    @Test("Consecutive members are one body (RFC 1952, section 2.2)")
    func consecutiveMembersAreOneBody() throws {
        let bytes = try Gzip.compress(Array("one ".utf8)) + Gzip.compress([]) + Gzip.compress(Array("two".utf8))
        #expect(try Gzip.decompress(bytes, limit: 100) == Array("one two".utf8))
    }

    @Test("Too many members are refused, because an empty one costs the reader more than the sender")
    func tooManyMembersAreRefused() throws {
        let empty = try Gzip.compress([])
        let few = (0..<900).flatMap { _ in empty } + (try Gzip.compress(Array("end".utf8)))
        #expect(try Gzip.decompress(few, limit: 100) == Array("end".utf8))
        let many = (0..<2_000).flatMap { _ in empty }
        let error = #expect(throws: GzipError.self) { try Gzip.decompress(many, limit: 100) }
        #expect(error?.description == "the body has more than 1000 gzip members")
    }

    @Test("The size limit is exact, and a bomb is refused before it is decompressed in full")
    func aBombIsRefusedBeforeItIsDecompressed() throws {
        let compressed = try Gzip.compress(Self.plain)
        #expect(try Gzip.decompress(compressed, limit: Self.plain.count).count == Self.plain.count)
        #expect(throws: GzipError.self) { try Gzip.decompress(compressed, limit: Self.plain.count - 1) }
        #expect(throws: GzipError.self) { try Gzip.decompress(compressed, limit: 0) }
        #expect(try Gzip.decompress(compressed, limit: .max) == Self.plain)

        // 64 MiB of zeros in 64 KiB.
        let bomb = try Gzip.compress([UInt8](repeating: 0, count: 64 << 20), level: 9)
        #expect(bomb.count < 70_000)
        let error = #expect(throws: GzipError.self) { try Gzip.decompress(bomb, limit: 1 << 20) }
        #expect(error?.description == "the body is larger than 1048576 bytes when decompressed")
        // Many small members are a bomb too.
        let member = try Gzip.compress([UInt8](repeating: 0, count: 10_000), level: 9)
        let many = (0..<200).flatMap { _ in member }
        #expect(throws: GzipError.self) { try Gzip.decompress(many, limit: 1_000_000) }
    }

    @Test("Every truncation is detected")
    func everyTruncationIsDetected() throws {
        let compressed = try Gzip.compress(Array("a span, a line, a trace".utf8))
        for count in 0..<compressed.count {
            #expect(throws: GzipError.self) { try Gzip.decompress(Array(compressed.prefix(count)), limit: 1000) }
        }
    }

    @Test("Damage and trailing bytes are detected")
    func damageAndTrailingBytesAreDetected() throws {
        let compressed = try Gzip.compress(Self.plain)
        // Byte 4 on is the header's time and system; what follows the ten bytes of header is protected by the checksum.
        for index in Array(0..<3) + Array(10..<compressed.count) {
            var bytes = compressed
            bytes[index] ^= 0x41
            #expect(throws: GzipError.self) { try Gzip.decompress(bytes, limit: 1 << 20) }
        }
        #expect(throws: GzipError.self) { try Gzip.decompress(compressed + [0x00], limit: 1 << 20) }
        #expect(throws: GzipError.self) { try Gzip.decompress(Array("plain text".utf8), limit: 1 << 20) }
        #expect(throws: GzipError.self) { try Gzip.decompress([], limit: 1 << 20) }
    }
}
