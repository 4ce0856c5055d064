/// The `json` and `logfmt` stages: they turn what a line says into labels, as Loki does.
enum LineParsers {
    /// A name that a label may have: every other character becomes `_`.
    static func sanitized(_ name: some StringProtocol) -> String {
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

    // MARK: JSON

    /// Every scalar member becomes a label, nested ones joined by `_`; arrays and nulls are left out.
    static func json(_ line: UnsafeBufferPointer<UInt8>, into labels: inout LineLabels) {
        do {
            try object(line, at: 0, prefix: "", depth: 0, into: &labels)
        } catch {
            labels.setError("JSONParserErr", error.rawValue)
        }
    }

    private static func object(
        _ line: UnsafeBufferPointer<UInt8>, at index: Int, prefix: String, depth: Int, into labels: inout LineLabels
    ) throws(JSONScanner.Failure) {
        guard depth < 32 else { return }
        var scanner = JSONScanner(line, at: index)
        let reader = scanner
        try scanner.members { (name, escaped, value) throws(JSONScanner.Failure) in
            let text: String
            switch value {
            case .string(let range, let hasEscapes): text = reader.text(range, hasEscapes: hasEscapes)
            case .literal(let range): text = reader.text(range)
            case .null, .array: return true
            case .object(let start):
                let inner = prefix + sanitized(reader.text(name, hasEscapes: escaped)) + "_"
                try object(line, at: start, prefix: inner, depth: depth + 1, into: &labels)
                return true
            }
            let key = sanitized(prefix + reader.text(name, hasEscapes: escaped))
            if !key.isEmpty { labels.extract(key, text) }
            return true
        }
    }

    // MARK: logfmt

    /// Every `key=value` becomes a label; keys without a value are left out, and so is what cannot be read.
    static func logfmt(_ line: UnsafeBufferPointer<UInt8>, into labels: inout LineLabels) {
        pairs(line) { key, value, isQuoted in
            if key.isEmpty { return true }
            let text =
                isQuoted
                ? JSONScanner(line).text(value, hasEscapes: true)
                : String(decoding: UnsafeBufferPointer(rebasing: line[value]), as: UTF8.self)
            if !text.isEmpty {
                let name = String(decoding: UnsafeBufferPointer(rebasing: line[key]), as: UTF8.self)
                labels.extract(sanitized(name), text)
            }
            return true
        }
    }

    /// Calls `body` with the positions of every key and value; it returns whether to go on. Words that are no pair are
    /// passed over.
    static func pairs(
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
