import Encoding

/// Reads as much of Alloy's configuration syntax as `alloy.alloy` uses. `sys.env` finds the given environment.
struct AlloyFile {
    struct Malformed: Error, CustomStringConvertible { var description: String }

    /// A block with its attributes and the blocks in it, in order.
    struct Block {
        var name: String
        var label: String?
        var attributes: [(name: String, value: JSONValue)] = []
        var blocks: [Block] = []

        subscript(_ name: String) -> JSONValue? { attributes.first { $0.name == name }?.value }
    }

    private(set) var blocks: [Block] = []
    private var tokens: [String]
    private var position = 0
    private let environment: [String: String]

    init(_ text: String, _ environment: [String: String] = [:]) throws {
        self.environment = environment
        tokens = try Self.tokens(text)
        while position < tokens.count { blocks.append(try block(named: try path())) }
    }

    func block(_ name: String) throws -> Block {
        guard let block = blocks.first(where: { $0.name == name }) else {
            throw Malformed(description: "expected a block \(name)")
        }
        return block
    }

    // MARK: Parsing

    private mutating func block(named name: String) throws -> Block {
        var block = Block(name: name)
        if let label = tokens[position...].first, label.hasPrefix("\"") {
            block.label = String(label.dropFirst())
            position += 1
        }
        try expect("{")
        while tokens[position...].first != "}" {
            let name = try path()
            if tokens[position...].first == "=" {
                position += 1
                block.attributes.append((name, try expression()))
            } else {
                block.blocks.append(try self.block(named: name))
            }
        }
        position += 1
        return block
    }

    private mutating func expression() throws -> JSONValue {
        var result = try term()
        while tokens[position...].first == "+" {
            position += 1
            guard let left = result.string, let right = try term().string else {
                throw Malformed(description: "expected strings around +")
            }
            result = .string(left + right)
        }
        return result
    }

    private mutating func term() throws -> JSONValue {
        guard let token = tokens[position...].first else { throw Malformed(description: "the file ends too soon") }
        if token.hasPrefix("\"") {
            position += 1
            return .string(String(token.dropFirst()))
        }
        if let number = Int64(token) {
            position += 1
            return .integer(number)
        }
        if let number = Double(token) {
            position += 1
            return .double(number)
        }
        if token == "[" { return .array(try list(until: "]") { try $0.expression() }) }
        if token == "{" {
            let members = try list(until: "}") { file throws -> (name: String, value: JSONValue) in
                let key = file.tokens[file.position]
                file.position += 1
                try file.expect("=")
                return (key.hasPrefix("\"") ? String(key.dropFirst()) : key, try file.expression())
            }
            return .object(JSONObject(members))
        }
        let name = try path()
        guard tokens[position...].first == "(" else { return .string(name) }
        let arguments = try list(until: ")") { try $0.expression() }
        switch name {
        case "sys.env": return .string(environment[arguments.first?.string ?? ""] ?? "")
        case "coalesce": return arguments.first { $0.string?.isEmpty == false } ?? .null
        default: throw Malformed(description: "unknown function \(name)")
        }
    }

    private mutating func list<Item>(until end: String, _ item: (inout AlloyFile) throws -> Item) throws -> [Item] {
        position += 1
        var items: [Item] = []
        while tokens[position...].first != end {
            items.append(try item(&self))
            if tokens[position...].first == "," { position += 1 }
        }
        position += 1
        return items
    }

    private mutating func path() throws -> String {
        guard let token = tokens[position...].first, token.first?.isLetter == true else {
            throw Malformed(description: "expected a name, not \(tokens[position...].first ?? "the end")")
        }
        position += 1
        return token
    }

    private mutating func expect(_ token: String) throws {
        guard tokens[position...].first == token else {
            throw Malformed(description: "expected \(token), not \(tokens[position...].first ?? "the end")")
        }
        position += 1
    }

    // MARK: Words

    /// Names with their dots, numbers, punctuation, and strings, which begin with `"` here.
    private static func tokens(_ text: String) throws -> [String] {
        var tokens: [String] = []
        var rest = text[...]
        while let first = rest.first {
            if first.isWhitespace {
                rest.removeFirst()
            } else if rest.hasPrefix("//") {
                rest = rest.drop { !$0.isNewline }
            } else if first == "`", let end = rest.dropFirst().firstIndex(of: "`") {
                tokens.append("\"" + rest[rest.index(after: rest.startIndex)..<end])
                rest = rest[rest.index(after: end)...]
            } else if let match = rest.prefixMatch(of: /"((?:[^"\\]|\\.)*)"/) {
                guard !match.1.contains("\\") else { throw Malformed(description: "unexpected escape in \(match.0)") }
                tokens.append("\"" + match.1)
                rest = rest[match.range.upperBound...]
            } else if let match = rest.prefixMatch(of: /[A-Za-z_][A-Za-z0-9_.]*|[0-9]+(?:\.[0-9]+)?/) {
                tokens.append(String(match.0))
                rest = rest[match.range.upperBound...]
            } else {
                tokens.append(String(first))
                rest.removeFirst()
            }
        }
        return tokens
    }
}
