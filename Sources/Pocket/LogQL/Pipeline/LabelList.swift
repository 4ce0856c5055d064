/// Labels in the order they came, found by name: by a look along a short list, by an index in a long one, so that a line
/// of many fields costs no more for each of them than a line of few.
struct LabelList: Equatable {
    private(set) var labels: [Label]
    /// Where the first label of each name is; `nil` while there are few.
    private var places: [String: Int]?
    private static let maximumUnindexed = 24

    init(_ labels: [Label] = []) {
        self.labels = labels
        index()
    }

    static func == (left: LabelList, right: LabelList) -> Bool { left.labels == right.labels }

    private mutating func index() {
        guard labels.count > Self.maximumUnindexed else {
            places = nil
            return
        }
        places = Dictionary(labels.indices.map { (labels[$0].name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    private func place(of name: String) -> Int? {
        if let places { places[name] } else { labels.firstIndex { $0.name == name } }
    }

    subscript(name: String) -> String? { place(of: name).map { labels[$0].value } }

    mutating func append(_ label: Label) {
        labels.append(label)
        if places == nil {
            if labels.count > Self.maximumUnindexed { index() }
        } else if places?[label.name] == nil {
            places?[label.name] = labels.count - 1
        }
    }

    /// Gives the label of that name another value; `false` if there is none.
    mutating func replace(_ name: String, _ value: String) -> Bool {
        guard let place = place(of: name) else { return false }
        labels[place].value = value
        return true
    }

    mutating func removeAll(named name: String) {
        guard place(of: name) != nil else { return }
        removeAll { $0.name == name }
    }

    mutating func removeAll(where condition: (Label) -> Bool) {
        let count = labels.count
        labels.removeAll(where: condition)
        if labels.count != count { index() }
    }
}
