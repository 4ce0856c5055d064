import RegularExpressions

/// The pattern of a `pattern` stage or a `|>` filter: texts separated by `<name>` or `<_>`.
package struct LinePattern: Sendable {
    /// A capture and the text that ends it; the last capture has no such text and ends with the line.
    struct Capture: Sendable {
        /// `nil` for `<_>`.
        var name: String?
        var end: [UInt8]
    }

    private static let maximumCaptures = 500

    /// The text that a line must begin with.
    private(set) var start: [UInt8] = []
    private(set) var captures: [Capture] = []
    /// The non-empty texts between captures, and the longest of them, which most lines that do not match lack.
    private var texts: [[UInt8]] = []
    private var longest: [UInt8] = []

    /// Parses the pattern of a `pattern` stage, which must have named captures.
    package init(_ pattern: String) throws(LogQLError) {
        try self.init(reading: pattern)
        let names = names
        guard !names.isEmpty else { throw Self.invalid("at least one capture is required") }
        for (index, name) in names.enumerated() where names[..<index].contains(name) {
            throw Self.invalid("duplicate capture name (\(name)): invalid expression")
        }
    }

    /// Parses the pattern of a `|>` or `!>` filter, which must not have named captures.
    package init(filter pattern: String) throws(LogQLError) {
        try self.init(reading: pattern)
        guard names.isEmpty else { throw Self.invalid("named captures are not allowed in a filter: write <_>") }
    }

    private init(reading pattern: String) throws(LogQLError) {
        var text: [UInt8] = []
        var rest = pattern[...]
        while let character = rest.first {
            if character == "<", let name = Self.captureName(rest) {
                if captures.isEmpty { start = text } else { captures[captures.count - 1].end = text }
                if text.isEmpty, let previous = captures.last {
                    throw Self.invalid(
                        "found consecutive capture '<\(previous.name ?? "_")><\(name)>': invalid expression")
                }
                text = []
                guard captures.count < Self.maximumCaptures else {
                    throw Self.invalid("more than \(Self.maximumCaptures) captures")
                }
                captures.append(Capture(name: name == "_" ? nil : name, end: []))
                rest = rest.dropFirst(name.count + 2)
            } else {
                text.append(contentsOf: character.utf8)
                rest.removeFirst()
            }
        }
        if captures.isEmpty { start = text } else { captures[captures.count - 1].end = text }
        texts = ([start] + captures.map(\.end)).filter { !$0.isEmpty }
        longest = texts.max { $0.count < $1.count } ?? []
    }

    private static func invalid(_ problem: String) -> LogQLError { .invalid("invalid pattern parser: \(problem)") }

    /// The name of the capture at the start of `text`.
    private static func captureName(_ text: Substring) -> String? {
        guard let end = text.firstIndex(of: ">") else { return nil }
        let name = text[text.index(after: text.startIndex)..<end]
        guard let first = name.utf8.first, first == 95 || (65...90).contains(first) || (97...122).contains(first),
            name.utf8.allSatisfy({ LineParsers.mayBeInName($0) && $0 != UInt8(ascii: ":") })
        else { return nil }
        return String(name)
    }

    /// The names of the captures, in order.
    var names: [String] { captures.compactMap(\.name) }

    /// Passes the text of each named capture to `body`. As in Loki, a capture whose end is not found holds the rest of
    /// the line and is the last.
    func match(_ line: UnsafeBufferPointer<UInt8>, _ body: (String, Range<Int>) -> Void) {
        guard !line.isEmpty, line.prefix(start.count).elementsEqual(start) else { return }
        var index = start.count
        for capture in captures {
            let found = capture.end.isEmpty ? nil : line.firstPlace(of: capture.end, from: index)
            let end = found ?? line.count
            if let name = capture.name { body(name, index..<end) }
            guard found != nil else { return }
            index = end + capture.end.count
        }
    }

    /// Whether a line contains the pattern's texts in order, with something in each gap, and ends as the pattern does.
    /// As in Loki, a leading text may be anywhere.
    func matches(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
        let endsInGap = captures.last?.end.isEmpty ?? false
        guard !line.isEmpty else { return texts.isEmpty && captures.isEmpty }
        guard longest.isEmpty || line.contains(text: longest) else { return false }
        var index = 0
        for (place, text) in texts.enumerated() {
            guard let found = line.firstPlace(of: text, from: index) else { return false }
            if place > 0 || start.isEmpty, found == index { return false }
            index = found + text.count
        }
        return endsInGap == (index < line.count)
    }
}
