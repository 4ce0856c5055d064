/// The labels that a query asks a line for: parsers need not make a string of any other field.
package struct WantedLabels {
    private let names: [[UInt8]]
    /// The names as they are, for where nothing is renamed.
    package let texts: [String]

    init(_ names: some Sequence<String>) {
        var all: Set<String> = []
        for name in names {
            all.insert(name)
            // A field that has the name of a stream's label comes out under another.
            if name.hasSuffix(LineLabels.duplicateSuffix) {
                all.insert(String(name.dropLast(LineLabels.duplicateSuffix.count)))
            }
        }
        texts = all.sorted()
        self.names = texts.map { Array($0.utf8) }
    }

    /// Whether the label of the field `name`, inside the objects that `prefix` names, is wanted.
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

    /// Compares with the name as it will be: characters that a label may not have become `_`.
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
    /// The labels that the filter looks at.
    var names: [String] {
        switch self {
        case .and(let left, let right), .or(let left, let right): left.names + right.names
        case .text(let matcher): [matcher.name]
        case .quantity(let name, _, _): [name]
        }
    }
}
