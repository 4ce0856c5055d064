/// Resolves plain scalars by the core schema, YAML 1.2 section 10.3.2.
enum YAMLScalar {
    static func resolve(_ text: String) -> YAMLValue.Content {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default: break
        }
        if let integer = integer(text) { return .integer(integer) }
        if let double = double(text) { return .double(double) }
        return .string(text)
    }

    private static func integer(_ text: String) -> Int64? {
        // These have no sign, neither before nor after the prefix, although Swift would accept one.
        if text.hasPrefix("0x") { return text.utf8.contains(where: isSign) ? nil : Int64(text.dropFirst(2), radix: 16) }
        if text.hasPrefix("0o") { return text.utf8.contains(where: isSign) ? nil : Int64(text.dropFirst(2), radix: 8) }
        return Int64(text)
    }

    private static func isSign(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") }

    /// `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`; Swift accepts more, such as `0x1p3` and
    /// `nan`.
    private static func double(_ text: String) -> Double? {
        guard let first = text.utf8.first, text.utf8.allSatisfy({ Self.characters.contains($0) }),
            first != UInt8(ascii: "e"), first != UInt8(ascii: "E")
        else { return nil }
        // Swift requires a digit on both sides of the point.
        var padded = text.replacing(prefix: ".", with: "0.")
        padded = padded.replacing(prefix: "-.", with: "-0.")
        padded = padded.replacing(prefix: "+.", with: "0.")
        if padded.hasSuffix(".") { padded += "0" }
        return Double(padded)
    }

    private static let characters = Set("+-.0123456789eE".utf8)
}

extension String {
    fileprivate func replacing(prefix: String, with other: String) -> String {
        hasPrefix(prefix) ? other + dropFirst(prefix.count) : self
    }
}
