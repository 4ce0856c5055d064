/// The groups of a pattern by Go's rules, where RE2 supports less: `(?<name>`, which Debian's RE2 is too old for, and
/// duplicate names.
struct PatternGroups {
    /// The pattern for RE2, without group names.
    private(set) var text = ""
    /// The names of the groups, in order; `nil` for a group without a name.
    private(set) var names: [String?] = []
    /// The first group whose name Go does not accept.
    private(set) var misnamed: String?

    /// The maximum nesting of groups; the same as Go's.
    private static let maximumDepth = 999

    /// - Throws: ``RegularExpressionError`` for patterns that RE2 accepts but Go does not.
    init(_ pattern: String) throws(RegularExpressionError) {
        var scanner = PatternScanner(pattern)
        var depth = 0
        var start = 0
        while let part = scanner.next() {
            defer { start = scanner.index }
            switch part {
            case .group(let name):
                depth += 1
                let isNamed = name.map(Self.isName) ?? false
                names.append(isNamed ? name : nil)
                if isNamed {
                    text += "("
                    continue
                }
                if name != nil, misnamed == nil { misnamed = scanner.slice(start..<scanner.index) }
            case .plainGroup: depth += 1
            case .groupEnd: depth -= 1
            case .anyByte: throw RegularExpressionError("invalid escape sequence", "\\C")
            default: break
            }
            guard depth <= Self.maximumDepth else {
                throw RegularExpressionError("expression nests too deeply", pattern)
            }
            text += scanner.slice(start..<scanner.index)
        }
        text += scanner.slice(start..<scanner.index)
    }

    private static func isName(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy {
                $0 == UInt8(ascii: "_") || (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
            }
    }
}
