import QuerySupport
import RegularExpressions

/// The functions that templates may call, with Loki's names and behaviour.
enum TemplateFunction: String, CaseIterable, Sendable {
    case `default`
    case upper, lower, title, trim, trimPrefix, trimSuffix, replace, substr, trunc, printf, alignLeft, alignRight
    case contains, hasPrefix, hasSuffix, eq, ne, and, or, not
    case ToUpper, ToLower, TrimSpace
    case int, add, sub, unixEpoch, unixEpochMillis, unixEpochNanos

    /// The number of arguments it takes.
    var argumentCount: ClosedRange<Int> {
        switch self {
        case .upper, .lower, .title, .trim, .ToUpper, .ToLower, .TrimSpace, .not, .int: 1...1
        case .unixEpoch, .unixEpochMillis, .unixEpochNanos: 1...1
        case .add: 1...20
        case .replace, .substr: 3...3
        case .printf: 1...20
        case .and, .or: 1...20
        case .eq: 2...20
        default: 2...2
        }
    }

    /// - Parameters:
    ///   - values: as many as ``argumentCount`` allows.
    ///   - limit: the maximum length of the text; a longer one may be wrong, because it is rejected anyway.
    func call(_ values: [TemplateValue], limit: Int = .max) throws(TemplateError) -> TemplateValue {
        switch self {
        case .default: return values[1].isTrue ? values[1] : values[0]
        case .eq:
            for value in values.dropFirst() where try isEqual(values[0], value) { return .bool(true) }
            return .bool(false)
        case .ne: return .bool(try !isEqual(values[0], values[1]))
        case .and: return values.first { !$0.isTrue } ?? values[values.count - 1]
        case .or: return values.first(where: \.isTrue) ?? values[values.count - 1]
        case .not: return .bool(!values[0].isTrue)
        case .printf: return .string(try TemplateFormat.format(string(values[0]), Array(values.dropFirst())))
        case .contains:
            let (part, whole) = (Array(try string(values[0]).utf8), Array(try string(values[1]).utf8))
            return .bool(whole.withUnsafeBufferPointer { $0.contains(text: part) })
        case .hasPrefix: return .bool(try string(values[1]).hasPrefix(string(values[0])))
        case .hasSuffix: return .bool(try string(values[1]).hasSuffix(string(values[0])))
        case .int: return .integer(try number(values[0]))
        case .add:
            var sum = 0
            for value in values { sum &+= try number(value) }
            return .integer(sum)
        case .sub: return .integer(try number(values[0]) &- (try number(values[1])))
        case .unixEpoch: return .string(String(try time(values[0]) / 1_000_000_000))
        case .unixEpochMillis: return .string(String(try time(values[0]) / 1_000_000))
        case .unixEpochNanos: return .string(String(try time(values[0])))
        default: return .string(try text(values, limit))
        }
    }

    /// The functions from text to text; the input text is their last argument.
    private func text(_ values: [TemplateValue], _ limit: Int) throws(TemplateError) -> String {
        let subject = try string(values[values.count - 1])
        switch self {
        case .upper, .ToUpper: return subject.uppercased()
        case .lower, .ToLower: return subject.lowercased()
        case .title: return Self.title(subject)
        case .trim, .TrimSpace: return Self.trimmed(subject)
        case .trimPrefix:
            let prefix = try string(values[0])
            return subject.hasPrefix(prefix) ? String(subject.dropFirst(prefix.count)) : subject
        case .trimSuffix:
            let suffix = try string(values[0])
            return subject.hasSuffix(suffix) ? String(subject.dropLast(suffix.count)) : subject
        case .replace: return Self.replace(try string(values[0]), with: try string(values[1]), in: subject, limit)
        case .trunc:
            let length = try integer(values[0])
            return String(length < 0 ? subject.suffix(-length) : subject.prefix(length))
        case .substr:
            let (start, end) = (max(0, try integer(values[0])), try integer(values[1]))
            let upTo = end < 0 ? subject[...] : subject.prefix(end)
            return String(upTo.dropFirst(start))
        case .alignLeft:
            let width = max(0, try integer(values[0]))
            return subject.prefix(width) + String(repeating: " ", count: max(0, width - subject.count))
        case .alignRight:
            let width = max(0, try integer(values[0]))
            return String(repeating: " ", count: max(0, width - subject.count)) + subject.suffix(width)
        default: return subject
        }
    }

    private func string(_ value: TemplateValue) throws(TemplateError) -> String {
        guard case .string(let text) = value else {
            throw TemplateError(description: "error calling \(rawValue): expected a text, not \(value.text)")
        }
        return text
    }

    private func integer(_ value: TemplateValue) throws(TemplateError) -> Int {
        // Bounded: no line is longer, and padding must not fill the memory.
        guard case .integer(let number) = value, (-10_000...10_000).contains(number) else {
            throw TemplateError(description: "error calling \(rawValue): expected a whole number, not \(value.text)")
        }
        return number
    }

    /// A whole number, or a text that contains one; any other text counts as 0.
    private func number(_ value: TemplateValue) throws(TemplateError) -> Int {
        switch value {
        case .integer(let number): return number
        case .string(let text): return Int(text) ?? 0
        default:
            throw TemplateError(description: "error calling \(rawValue): expected a whole number, not \(value.text)")
        }
    }

    private func time(_ value: TemplateValue) throws(TemplateError) -> Int64 {
        guard case .time(let nanoseconds) = value else {
            throw TemplateError(description: "error calling \(rawValue): expected a time, not \(value.text)")
        }
        return nanoseconds
    }

    private func isEqual(_ left: TemplateValue, _ right: TemplateValue) throws(TemplateError) -> Bool {
        switch (left, right) {
        case (.string, .string), (.integer, .integer), (.double, .double), (.bool, .bool): return left == right
        default: throw TemplateError(description: "error calling \(rawValue): incompatible types for comparison")
        }
    }

    private static func title(_ text: String) -> String {
        var result = ""
        var startsWord = true
        for character in text {
            result += startsWord ? character.uppercased() : String(character)
            startsWord = !(character.isLetter || character.isNumber || character == "_" || character == "'")
        }
        return result
    }

    private static func trimmed(_ text: String) -> String {
        var rest = text.drop(while: \.isWhitespace)
        while rest.last?.isWhitespace ?? false { rest.removeLast() }
        return String(rest)
    }

    private static func replace(_ old: String, with new: String, in text: String, _ limit: Int) -> String {
        guard !old.isEmpty else { return text }
        let (old, new, bytes) = (Array(old.utf8), Array(new.utf8), Array(text.utf8))
        var result: [UInt8] = []
        bytes.withUnsafeBufferPointer { bytes in
            var start = 0
            while result.count <= limit, let place = bytes.firstPlace(of: old, from: start) {
                result += bytes[start..<place]
                result += new
                start = place + old.count
            }
            result += bytes[start...]
        }
        return String(decoding: result, as: UTF8.self)
    }
}

/// `printf` with the verbs that lines need: `%s`, `%v`, `%q`, `%d`, `%f`, `%t`, each with width and precision.
enum TemplateFormat {
    static func format(_ format: String, _ values: [TemplateValue]) throws(TemplateError) -> String {
        var result = ""
        var rest = format[...]
        var arguments = values[...]
        while let character = rest.popFirst() {
            guard character == "%" else {
                result.append(character)
                continue
            }
            if rest.first == "%" {
                rest.removeFirst()
                result.append("%")
                continue
            }
            result += try directive(&rest, &arguments)
        }
        guard arguments.isEmpty else { throw TemplateError(description: "printf: more values than verbs in \(format)") }
        return result
    }

    private static func directive(
        _ rest: inout Substring, _ arguments: inout ArraySlice<TemplateValue>
    ) throws(TemplateError) -> String {
        let flags = take(&rest) { $0 == "-" || $0 == "0" || $0 == "+" }
        let width = min(Int(take(&rest, while: \.isNumber)) ?? 0, 1000)
        var precision: Int?
        if rest.first == "." {
            rest.removeFirst()
            precision = min(Int(take(&rest, while: \.isNumber)) ?? 0, 1000)
        }
        guard let verb = rest.popFirst() else { throw TemplateError(description: "printf: no verb after %") }
        guard let value = arguments.popFirst() else {
            throw TemplateError(description: "printf: no value for %\(verb)")
        }
        let text: String
        switch (verb, value) {
        case ("s", .string(let content)), ("v", .string(let content)):
            text = precision.map { String(content.prefix($0)) } ?? content
        case ("q", .string(let content)): text = LineTemplate.quoted(content)
        case ("d", .integer), ("v", _), ("t", .bool): text = value.text
        case ("f", .double(let number)): text = fixed(number, precision ?? 6)
        default: throw TemplateError(description: "printf: %\(verb) does not fit \(value.text)")
        }
        let padding = String(repeating: flags.contains("0") ? "0" : " ", count: max(0, width - text.count))
        return flags.contains("-") ? text + padding.map { _ in " " }.joined() : padding + text
    }

    private static func take(_ rest: inout Substring, while condition: (Character) -> Bool) -> Substring {
        let taken = rest.prefix(while: condition)
        rest = rest.dropFirst(taken.count)
        return taken
    }

    private static func fixed(_ number: Double, _ digits: Int) -> String {
        guard number.isFinite, abs(number) < 1e15, digits <= 15 else { return FloatFormat.string(number) }
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let scaled = (abs(number) * scale).rounded()
        guard scaled < 9e18 else { return FloatFormat.string(number) }
        var text = String(Int64(scaled))
        text = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
        let sign = number < 0 ? "-" : ""
        return digits == 0 ? sign + text : sign + text.dropLast(digits) + "." + text.suffix(digits)
    }
}

extension LineTemplate {
    /// A double-quoted text in Go's syntax.
    package static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
