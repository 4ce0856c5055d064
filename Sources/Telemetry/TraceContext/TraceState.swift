import Encoding

/// The value of the `tracestate` field (W3C Trace Context Level 2, "Tracestate Header").
public enum TraceState {
    /// The maximum number of members in a list.
    private static let maximumMembers = 32

    /// Parses a value; multiple fields are joined with commas. Returns the list in its shortest form, or `nil` if any
    /// member is malformed or there are more than 32; in that case the whole list is discarded.
    ///
    /// Empty members and white space around members are dropped. For duplicate keys the first member, which is the most
    /// recent, is kept, as the standard allows. The length is not limited here.
    public static func parse(_ text: String) -> String? {
        var members: [Substring] = []
        var keys: [Substring] = []
        for part in text.split(separator: ",") {
            let member = part.trimmingOptionalWhitespace()
            if member.isEmpty { continue }
            guard let equals = member.utf8.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            let key = member[..<equals]
            guard isKey(key), isValue(member[equals...].dropFirst()) else { return nil }
            if keys.contains(key) { continue }
            guard keys.count < maximumMembers else { return nil }
            keys.append(key)
            members.append(member)
        }
        return members.joined(separator: ",")
    }

    /// `( lcalpha / DIGIT ) 0*255( lcalpha / DIGIT / "_" / "-" / "*" / "/" / "@" )`
    private static func isKey(_ key: Substring) -> Bool {
        guard let first = key.utf8.first, isLowercaseOrDigit(first), key.utf8.count <= 256 else { return false }
        return key.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "/"), UInt8(ascii: "@"): true
            default: isLowercaseOrDigit(byte)
            }
        }
    }

    /// 1 to 256 printable ASCII characters except comma and equals sign; the last one is not a space.
    private static func isValue(_ value: Substring) -> Bool {
        guard let last = value.utf8.last, last != 0x20, value.utf8.count <= 256 else { return false }
        return value.utf8.allSatisfy {
            $0 >= 0x20 && $0 <= 0x7E && $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "=")
        }
    }

    private static func isLowercaseOrDigit(_ byte: UInt8) -> Bool {
        (byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z"))
            || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"))
    }
}
