/// Expands a text of a provisioning file as Grafana does: `$NAME` and `${NAME}` become environment variables, empty if
/// they are not set, and `$$` becomes `$` (so a variable of Grafana itself is written `$${__value.raw}`).
///
/// Grafana splits at `$$` and passes the parts to Go's `os.ExpandEnv`; this does the same, including the treatment of
/// bad syntax. `$__env{}`, `$__file{}` and `$__vault{}`, which Grafana supports in its settings, are not expanded.
enum EnvironmentExpansion {
    static func expand(_ text: String, _ environment: [String: String]) -> String {
        let dollar = UInt8(ascii: "$")
        var result: [UInt8] = []
        var part: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == dollar, rest.first == dollar {
                rest = rest.dropFirst()
                result += expandPart(part, environment) + [dollar]
                part = []
            } else {
                part.append(byte)
            }
        }
        return String(decoding: result + expandPart(part, environment), as: UTF8.self)
    }

    private static func expandPart(_ text: [UInt8], _ environment: [String: String]) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        while index < text.count {
            guard text[index] == UInt8(ascii: "$"), index + 1 < text.count else {
                result.append(text[index])
                index += 1
                continue
            }
            let (name, width) = name(text[(index + 1)...])
            if let name {
                result += Array((environment[name] ?? "").utf8)
            } else if width == 0 {
                // A dollar sign that is not followed by a name stays.
                result.append(text[index])
            }
            index += 1 + width
        }
        return result
    }

    /// The name after a dollar sign and its length in bytes; a length without a name is bad syntax, which is removed.
    private static func name(_ text: ArraySlice<UInt8>) -> (String?, Int) {
        guard text.first == UInt8(ascii: "{") else {
            if let first = text.first, isSpecial(first) { return (string(text.prefix(1)), 1) }
            let name = text.prefix { isWord($0) }
            return name.isEmpty ? (nil, 0) : (string(name), name.count)
        }
        guard let end = text.firstIndex(of: UInt8(ascii: "}")) else { return (nil, 1) }
        let name = text[(text.startIndex + 1)..<end]
        return name.isEmpty ? (nil, 2) : (string(name), name.count + 2)
    }

    private static func isSpecial(_ byte: UInt8) -> Bool { "*#$@!?-0123456789".utf8.contains(byte) }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 95, 97...122: true
        default: false
        }
    }

    private static func string(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}
