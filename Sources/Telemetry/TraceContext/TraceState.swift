import Encoding

/// The value of the `tracestate` field (W3C Trace Context Level 2, "Tracestate Header").
public enum TraceState {
    /// How many members a list may have.
    private static let maximumMembers = 32

    /// Reads a value, several fields joined with commas; gives the list in its shortest form, or `nil` if any member
    /// is malformed or there are more than 32: then the whole list is discarded.
    ///
    /// Empty members and white space around members are left out. Of several members with one key the first is kept,
    /// the most recent one, as the standard allows. The length is not limited here.
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

    /// 1 to 256 printable ASCII characters but comma and equals sign, the last not a space.
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
