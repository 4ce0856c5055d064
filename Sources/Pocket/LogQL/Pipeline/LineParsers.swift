/// The `json` and `logfmt` stages: they extract labels from a line as Loki does.
package enum LineParsers {
    /// A valid label name: every other character becomes `_`.
    package static func sanitized(_ name: some StringProtocol) -> String {
        var result: [UInt8] = []
        for scalar in name.unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "_", ":": result.append(UInt8(truncatingIfNeeded: scalar.value))
            case "0"..."9":
                if result.isEmpty { result.append(UInt8(ascii: "_")) }
                result.append(UInt8(truncatingIfNeeded: scalar.value))
            default: result.append(UInt8(ascii: "_"))
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    static func mayBeInName(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...58, 65...90, 95, 97...122: true
        default: false
        }
    }

    /// Whether a name needs the slow path: escapes, a leading digit, or non-ASCII characters.
    private static func isUnusual(_ name: UnsafeBufferPointer<UInt8>, hasEscapes: Bool) -> Bool {
        guard let first = name.first, !hasEscapes else { return true }
        return (48...57).contains(first) || name.contains { $0 >= 0x80 }
    }

    /// The cost of reading a line's fields and comparing each with the wanted labels. Charged once per line, because
    /// there are many fields; a line is short enough to be read to its end.
    private static func cost(of line: UnsafeBufferPointer<UInt8>, _ wanted: WantedLabels?) -> Int {
        1 + line.count / 16 * (1 + (wanted?.texts.count ?? 0))
    }

    // MARK: JSON

    /// Every scalar member becomes a label, nested names joined by `_`; arrays and nulls are left out.
    /// - Parameter wanted: the labels that are needed, or `nil` for all.
    static func json(
        _ line: UnsafeBufferPointer<UInt8>, into labels: inout LineLabels, only wanted: WantedLabels? = nil
    ) {
        guard labels.spend(cost(of: line, wanted)) else { return }
        do {
            try object(line, at: 0, prefix: [], depth: 0, into: &labels, wanted)
        } catch {
            labels.setError("JSONParserErr", error.rawValue)
        }
    }

    private static func object(
        _ line: UnsafeBufferPointer<UInt8>, at index: Int, prefix: [UInt8], depth: Int, into labels: inout LineLabels,
        _ wanted: WantedLabels?
    ) throws(JSONScanner.Failure) {
        guard depth < 32 else { return }
        var scanner = JSONScanner(line, at: index)
        let reader = scanner
        try scanner.members { (range, escaped, value) throws(JSONScanner.Failure) in
            switch value {
            case .null, .array: return true
            case .string, .literal, .object: break
            }
            let name = UnsafeBufferPointer(rebasing: line[range])
            let isUnusual = isUnusual(name, hasEscapes: escaped)
            if case .object(let start) = value {
                if let wanted, !isUnusual, !wanted.reachesInto(prefix, name) { return true }
                let inner = prefix + Array(sanitized(reader.text(range, hasEscapes: escaped)).utf8) + Array("_".utf8)
                try object(line, at: start, prefix: inner, depth: depth + 1, into: &labels, wanted)
                return true
            }
            if let wanted, !isUnusual, !wanted.contains(prefix, name) { return true }
            let text =
                if case .string(let range, let hasEscapes) = value {
                    reader.text(range, hasEscapes: hasEscapes)
                } else if case .literal(let range) = value {
                    reader.text(range)
                } else {
                    ""
                }
            let own = reader.text(range, hasEscapes: escaped)
            let key = sanitized(prefix.isEmpty ? own : String(decoding: prefix, as: UTF8.self) + own)
            if !key.isEmpty { labels.extract(key, text) }
            return true
        }
    }

    // MARK: logfmt

    /// Every `key=value` becomes a label; keys without a value and malformed text are skipped.
    /// - Parameter wanted: the labels that are needed, or `nil` for all.
    static func logfmt(
        _ line: UnsafeBufferPointer<UInt8>, into labels: inout LineLabels, only wanted: WantedLabels? = nil
    ) {
        guard labels.spend(cost(of: line, wanted)) else { return }
        pairs(line) { key, value, isQuoted in
            if key.isEmpty { return true }
            let name = UnsafeBufferPointer(rebasing: line[key])
            if let wanted, !isUnusual(name, hasEscapes: false), !wanted.contains([], name) { return true }
            let text = JSONScanner(line).text(value, hasEscapes: isQuoted)
            if !text.isEmpty { labels.extract(sanitized(String(decoding: name, as: UTF8.self)), text) }
            return true
        }
    }

    /// Calls `body` with the positions of every key and value; `body` returns whether to continue. Words that are not
    /// pairs are skipped.
    package static func pairs(
        _ line: UnsafeBufferPointer<UInt8>, from start: Int = 0,
        _ body: (_ key: Range<Int>, _ value: Range<Int>, _ isQuoted: Bool) -> Bool
    ) {
        var index = start
        while index < line.count {
            while index < line.count, line[index] <= 0x20 { index += 1 }
            let key = index
            while index < line.count, line[index] > 0x20, line[index] != UInt8(ascii: "="),
                line[index] != UInt8(ascii: "\"")
            {
                index += 1
            }
            let keyEnd = index
            guard index < line.count, line[index] == UInt8(ascii: "=") else {
                while index < line.count, line[index] > 0x20 { index += 1 }
                continue
            }
            index += 1
            if index < line.count, line[index] == UInt8(ascii: "\"") {
                let value = index + 1
                index = value
                while index < line.count, line[index] != UInt8(ascii: "\"") {
                    index += line[index] == UInt8(ascii: "\\") ? 2 : 1
                }
                guard index < line.count else { return }
                if !body(key..<keyEnd, value..<index, true) { return }
                index += 1
            } else {
                let value = index
                while index < line.count, line[index] > 0x20 { index += 1 }
                let isPair = !line[value..<index].contains { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: "\"") }
                if isPair, !body(key..<keyEnd, value..<index, false) { return }
            }
        }
    }
}
