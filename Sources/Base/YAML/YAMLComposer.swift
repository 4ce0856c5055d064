import Encoding

/// Makes values of events.
struct YAMLComposer: ~Copyable {
    /// Aliases of aliases can make a small file enormous, and deep nesting overflow the stack.
    static let maximumNodes = 1_000_000
    static let maximumDepth = 200

    private var events: YAMLEvents
    private var anchors: [String: (value: JSONValue, nodes: Int)] = [:]
    private var nodes = 0

    init(_ bytes: [UInt8]) throws(YAMLError) { events = try YAMLEvents(bytes) }

    mutating func documents() throws(YAMLError) -> [JSONValue] {
        var documents: [JSONValue] = []
        while true {
            switch try events.next().event {
            case .streamEnd: return documents
            case .documentStart:
                anchors = [:]
                documents.append(try value(of: try events.next(), depth: 0))
            default: continue
            }
        }
    }

    private mutating func value(of located: YAMLEvents.Located, depth: Int) throws(YAMLError) -> JSONValue {
        guard depth < Self.maximumDepth else { throw error("nested more than \(Self.maximumDepth) deep", at: located) }
        let before = nodes
        try count(1, at: located)
        let result: JSONValue
        let name: String?
        switch located.event {
        case .alias(let anchor):
            guard let target = anchors[anchor] else { throw error("unknown alias *\(anchor)", at: located) }
            try count(target.nodes, at: located)
            return target.value
        case .scalar(let anchor, let tag, let value, let plain):
            name = anchor
            result = plain && tag == nil ? YAMLScalar.resolve(value) : .string(value)
        case .sequenceStart(let anchor):
            name = anchor
            result = try sequence(depth: depth)
        case .mappingStart(let anchor):
            name = anchor
            result = try mapping(depth: depth)
        default: throw error("expected a value", at: located)
        }
        if let name { anchors[name] = (result, nodes - before) }
        return result
    }

    private mutating func sequence(depth: Int) throws(YAMLError) -> JSONValue {
        var elements: [JSONValue] = []
        while true {
            let next = try events.next()
            if case .sequenceEnd = next.event { return .array(elements) }
            elements.append(try value(of: next, depth: depth + 1))
        }
    }

    private mutating func mapping(depth: Int) throws(YAMLError) -> JSONValue {
        var members: [(name: String, value: JSONValue)] = []
        var names: Set<String> = []
        var merged: [JSONObject] = []
        while true {
            let key = try events.next()
            if case .mappingEnd = key.event { break }
            guard case .scalar(_, _, let name, let plain) = key.event else {
                throw error("expected a name as the key", at: key)
            }
            let value = try value(of: try events.next(), depth: depth + 1)
            if name == "<<", plain {
                guard let sources = Self.mergeSources(value) else {
                    throw error("expected a mapping, or a list of mappings, to merge", at: key)
                }
                merged += sources
                continue
            }
            guard names.insert(name).inserted else { throw error("the key \(name) stands here twice", at: key) }
            members.append((name, value))
        }
        // What the mapping says itself wins over what is merged, and an earlier source over a later one.
        for source in merged {
            for member in source.members where names.insert(member.name).inserted { members.append(member) }
        }
        return .object(JSONObject(members))
    }

    private static func mergeSources(_ value: JSONValue) -> [JSONObject]? {
        if let object = value.object { return [object] }
        guard let array = value.array else { return nil }
        let objects = array.compactMap(\.object)
        return objects.count == array.count ? objects : nil
    }

    private mutating func count(_ more: Int, at located: YAMLEvents.Located) throws(YAMLError) {
        nodes += more
        guard nodes <= Self.maximumNodes else { throw error("more than \(Self.maximumNodes) values", at: located) }
    }

    private func error(_ message: String, at located: YAMLEvents.Located) -> YAMLError {
        YAMLError(message: message, line: located.line, column: located.column)
    }
}
