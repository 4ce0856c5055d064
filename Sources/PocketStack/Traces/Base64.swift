/// Base64 (RFC 4648, section 4), as protobuf's JSON writes bytes.
enum Base64 {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: some RandomAccessCollection<UInt8>) -> String {
        var result: [UInt8] = []
        result.reserveCapacity((bytes.count + 2) / 3 * 4)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            var group: UInt32 = 0
            var count = 0
            for _ in 0..<3 {
                group <<= 8
                if index < bytes.endIndex {
                    group |= UInt32(bytes[index])
                    index = bytes.index(after: index)
                    count += 1
                }
            }
            for place in 0..<4 {
                result.append(place <= count ? digits[Int(group >> (18 - 6 * UInt32(place))) & 63] : UInt8(ascii: "="))
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
