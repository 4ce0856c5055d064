/// Base64 with padding (RFC 4648, section 4), the JSON form of bytes in protobuf messages.
package enum Base64 {
    /// Encodes `bytes`.
    package static func string(_ bytes: [UInt8]) -> String {
        String(unsafeUninitializedCapacity: (bytes.count + 2) / 3 * 4) { buffer in
            var output = 0
            var index = 0
            while index < bytes.count {
                let left = bytes.count - index
                var group = UInt32(bytes[index]) << 16
                if left > 1 { group |= UInt32(bytes[index + 1]) << 8 }
                if left > 2 { group |= UInt32(bytes[index + 2]) }
                for position in 0..<4 {
                    let sextet = UInt8(truncatingIfNeeded: group >> UInt32(18 - 6 * position)) & 0x3F
                    buffer[output + position] = position <= left ? character(sextet) : UInt8(ascii: "=")
                }
                output += 4
                index += 3
            }
            return output
        }
    }

    /// Decodes either Base64 alphabet, padded or not, as protobuf's JSON mapping requires; `nil` for anything else.
    package static func parse(_ text: some Collection<UInt8>) -> [UInt8]? {
        var result: [UInt8] = []
        result.reserveCapacity(text.count / 4 * 3)
        var group: UInt32 = 0
        var sextets = 0
        var padding = 0
        for byte in text {
            if byte == UInt8(ascii: "=") {
                padding += 1
                continue
            }
            guard padding == 0, let sextet = value(byte) else { return nil }
            group = group << 6 | UInt32(sextet)
            sextets += 1
            if sextets % 4 == 0 {
                for shift: UInt32 in [16, 8, 0] { result.append(UInt8(truncatingIfNeeded: group >> shift)) }
                group = 0
            }
        }
        guard padding == 0 || (sextets + padding) % 4 == 0 && padding <= 2 else { return nil }
        // Bits beyond the last whole byte must be zero; otherwise two texts would encode the same bytes.
        switch sextets % 4 {
        case 0: return padding == 0 ? result : nil
        case 2:
            guard group & 0xF == 0 else { return nil }
            result.append(UInt8(truncatingIfNeeded: group >> 4))
        case 3:
            guard group & 0x3 == 0 else { return nil }
            result.append(UInt8(truncatingIfNeeded: group >> 10))
            result.append(UInt8(truncatingIfNeeded: group >> 2))
        default: return nil
        }
        return result
    }

    private static func character(_ sextet: UInt8) -> UInt8 {
        switch sextet {
        case 0..<26: sextet + 65
        case 26..<52: sextet + 71
        case 52..<62: sextet - 4
        case 62: UInt8(ascii: "+")
        default: UInt8(ascii: "/")
        }
    }

    private static func value(_ character: UInt8) -> UInt8? {
        switch character {
        case 65...90: character - 65
        case 97...122: character - 71
        case 48...57: character + 4
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
