import Encoding
import Testing

@Suite("Hexadecimal digits")
struct HexTests {
    @Test(
        "A number is written in sixteen digits and read back",
        arguments: [
            (0, "0000000000000000"), (1, "0000000000000001"), (0xDEAD_BEEF, "00000000deadbeef"),
            (.max, "ffffffffffffffff"), (0x0123_4567_89AB_CDEF, "0123456789abcdef"),
        ] as [(UInt64, String)])
    func aNumberIsWrittenInSixteenDigitsAndReadBack(value: UInt64, digits: String) {
        #expect(Hex.string(value) == digits)
        #expect(Hex.parse(digits.utf8) == value)
        var writer = ByteWriter()
        writer.append(hex: value)
        #expect(writer.string == digits)
    }

    @Test("Sixteen digits are read wherever they stand, and no other character is")
    func sixteenDigitsAreReadWhereverTheyStand() {
        let digits = "-0123456789abcdef-"
        func read(_ text: String, at start: Int) -> UInt64? {
            Array(text.utf8).withUnsafeBufferPointer { Hex.parse(sixteenDigits: $0, at: start) }
        }
        #expect(read(digits, at: 1) == 0x0123_4567_89AB_CDEF)
        #expect(read(digits, at: 0) == nil)
        #expect(read(digits, at: 2) == nil)
        for index in 1...16 {
            for byte in UInt8.min ... .max where Hex.value(byte) == nil {
                var bytes = Array(digits.utf8)
                bytes[index] = byte
                #expect(bytes.withUnsafeBufferPointer { Hex.parse(sixteenDigits: $0, at: 1) } == nil)
            }
        }
    }

    @Test("Each byte is written in two digits")
    func eachByteIsWrittenInTwoDigits() {
        #expect(Hex.string([0x00, 0x0F, 0xA5, 0xFF] as [UInt8]) == "000fa5ff")
        #expect(Hex.string([] as [UInt8]).isEmpty)
    }

    @Test("Shorter numbers are read")
    func shorterNumbersAreRead() {
        #expect(Hex.parse("f".utf8) == 15)
        #expect(Hex.parse("10".utf8) == 16)
    }

    @Test(
        "Everything other than up to sixteen lower-case digits is refused",
        arguments: ["", "F", "ABCDEF", "g", "0x1", " 1", "-1", "00000000000000000", "é"])
    func malformedDigitsAreRefused(text: String) {
        #expect(Hex.parse(text.utf8) == nil)
    }
}

@Suite("Base64 (RFC 4648)")
struct Base64Tests {
    static let vectors: [(String, String)] = [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ]

    @Test("The test vectors of the RFC are encoded and read back", arguments: vectors)
    func theVectorsOfTheRFCAreEncodedAndRead(plain: String, encoded: String) {
        #expect(Base64.string(Array(plain.utf8)) == encoded)
        #expect(Base64.parse(encoded.utf8) == Array(plain.utf8))
        #expect(Base64.parse(encoded.filter { $0 != "=" }.utf8) == Array(plain.utf8))
    }

    @Test("Every byte reads back in both alphabets")
    func everyByteReadsBackInBothAlphabets() {
        let bytes = (0...255).map { UInt8($0) }
        let text = Base64.string(bytes)
        #expect(text.contains("+") && text.contains("/"))
        #expect(Base64.parse(text.utf8) == bytes)
        let urlSafe = text.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }
        #expect(Base64.parse(String(urlSafe).utf8) == bytes)
    }

    @Test(
        "Malformed Base64 is refused",
        arguments: [
            "Z", "Zg=", "Zg===", "Zm8==", "=", "Zm9v=", "Zm9v====", "Zh==", "Zm9=", "Zg==Zg==", "Z g=", "Zm9v\n",
            "Zm9vÄ",
        ])
    func malformedBase64IsRefused(text: String) {
        #expect(Base64.parse(text.utf8) == nil)
    }
}
