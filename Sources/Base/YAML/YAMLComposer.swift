/// Builds values from parser events.
struct YAMLComposer: ~Copyable {
    private let limits: YAMLLimits
    private var events: YAMLEvents
    private var anchors: [String: (value: YAMLValue, nodes: Int)] = [:]
    private var nodes = 0

    init(_ bytes: [UInt8], limits: YAMLLimits = .init()) throws(YAMLError) {
        self.limits = limits
        events = try YAMLEvents(bytes)
    }

    /// The value of the next document; `nil` after the last.
    mutating func nextDocument() throws(YAMLError) -> YAMLValue? {
        while true {
            switch try events.next().event {
            case .streamEnd: return nil
            case .documentStart:
                anchors = [:]
                return try value(of: try events.next(), depth: 0)
            default: continue
            }
        }
    }

    private mutating func value(of located: YAMLEvents.Located, depth: Int) throws(YAMLError) -> YAMLValue {
        guard depth < limits.depth else { throw error("nested more than \(limits.depth) deep", at: located) }
        let before = nodes
        try count(1, at: located)
        let content: YAMLValue.Content
        let name: String?
        switch located.event {
        case .alias(let anchor):
            guard let target = anchors[anchor] else { throw error("unknown alias *\(anchor)", at: located) }
            try count(target.nodes, at: located)
            return target.value
        case .scalar(let anchor, let tag, let value, let plain):
            name = anchor
            content = plain && tag == nil ? YAMLScalar.resolve(value) : .string(value)
        case .sequenceStart(let anchor):
            name = anchor
            content = .list(try sequence(depth: depth))
        case .mappingStart(let anchor):
            name = anchor
            content = .mapping(try mapping(depth: depth))
        default: throw error("expected a value", at: located)
        }
        let result = YAMLValue(content, located.place)
        if let name { anchors[name] = (result, nodes - before) }
        return result
    }

    private mutating func sequence(depth: Int) throws(YAMLError) -> [YAMLValue] {
        var elements: [YAMLValue] = []
        while true {
            let next = try events.next()
            if case .sequenceEnd = next.event { return elements }
            elements.append(try value(of: next, depth: depth + 1))
        }
    }

    private mutating func mapping(depth: Int) throws(YAMLError) -> [YAMLValue.Member] {
        var members: [YAMLValue.Member] = []
        var names: Set<String> = []
        var merged: [[YAMLValue.Member]] = []
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
            members.append(YAMLValue.Member(name: name, place: key.place, value: value))
        }
        // The mapping's own members take precedence over merged ones, and an earlier source over a later one.
        for source in merged {
            for member in source where names.insert(member.name).inserted { members.append(member) }
        }
        return members
    }

    private static func mergeSources(_ value: YAMLValue) -> [[YAMLValue.Member]]? {
        if case .mapping(let members) = value.content { return [members] }
        guard case .list(let elements) = value.content else { return nil }
        let mappings = elements.compactMap { if case .mapping(let members) = $0.content { members } else { nil } }
        return mappings.count == elements.count ? mappings : nil
    }

    private mutating func count(_ more: Int, at located: YAMLEvents.Located) throws(YAMLError) {
        nodes += more
        guard nodes <= limits.values else { throw error("more than \(limits.values) values", at: located) }
    }

    private func error(_ message: String, at located: YAMLEvents.Located) -> YAMLError {
        YAMLError(message: message, line: located.place.line, column: located.place.column)
    }
}
