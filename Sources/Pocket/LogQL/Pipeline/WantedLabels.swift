/// The labels that a query needs from a line: parsers do not create strings for other fields.
package struct WantedLabels {
    private let names: [[UInt8]]
    /// The names as given, for use where nothing is renamed.
    package let texts: [String]

    init(_ names: some Sequence<String>) {
        var all: Set<String> = []
        for name in names {
            all.insert(name)
            // A field with the name of a stream label gets another name.
            if name.hasSuffix(LineLabels.duplicateSuffix) {
                all.insert(String(name.dropLast(LineLabels.duplicateSuffix.count)))
            }
        }
        texts = all.sorted()
        self.names = texts.map { Array($0.utf8) }
    }

    /// Whether the label of the field `name`, inside the objects named by `prefix`, is wanted.
    func contains(_ prefix: [UInt8], _ name: UnsafeBufferPointer<UInt8>) -> Bool {
        names.contains { wanted in
            wanted.count == prefix.count + name.count && Self.begins(wanted, prefix, name)
        }
    }

    /// Whether any field inside the object `name` may be wanted.
    func reachesInto(_ prefix: [UInt8], _ name: UnsafeBufferPointer<UInt8>) -> Bool {
        names.contains { wanted in
            let length = prefix.count + name.count
            return wanted.count > length && wanted[length] == UInt8(ascii: "_") && Self.begins(wanted, prefix, name)
        }
    }

    /// Compares with the final name, in which characters that a label must not contain become `_`.
    private static func begins(_ wanted: [UInt8], _ prefix: [UInt8], _ name: UnsafeBufferPointer<UInt8>) -> Bool {
        for index in 0..<prefix.count where wanted[index] != prefix[index] { return false }
        for index in 0..<name.count {
            let byte = wanted[prefix.count + index]
            if byte != name[index], byte != UInt8(ascii: "_") || LineParsers.mayBeInName(name[index]) { return false }
        }
        return true
    }
}

extension LabelFilter {
    /// The labels that the filter reads.
    var names: [String] {
        switch self {
        case .and(let left, let right), .or(let left, let right): left.names + right.names
        case .text(let matcher): [matcher.name]
        case .quantity(let name, _, _): [name]
        }
    }
}
