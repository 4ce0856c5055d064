/// Labels in the order of their arrival, found by name: by linear search in a short list, by an index in a long one, so
/// that the cost per field does not grow with the number of fields.
struct LabelList: Equatable {
    private(set) var labels: [Label]
    /// The index of the first label with each name; `nil` while the list is short.
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

    /// Replaces the value of the label with that name; `false` if there is none.
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
