import LogQL
import QuerySupport
import RegularExpressions

extension LabelReplacement {
    /// The series with the label replaced; if two become equal, the first counts.
    func apply(to series: [MetricSeries], _ budget: QueryBudget) throws -> [MetricSeries] {
        let extractor = RegexExtractor(pattern, anchored: true, meter: budget)
        var seen: Set<[Label]> = []
        return try series.compactMap { one in
            try budget.charge()
            var value = one.labels[source] ?? ""
            let filled = value.withUTF8 { bytes in
                extractor.groups(bytes).map { groups in
                    fill(budget) { group in
                        guard let range = groups[group] else { return "" }
                        return String(decoding: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self)
                    }
                }
            }
            _ = try budget.goesOn()
            var labels = one.labels
            if let filled {
                labels.removeAll { $0.name == name }
                if !filled.isEmpty { labels = (labels + [Label(name, filled)]).sorted() }
            }
            return seen.insert(labels).inserted ? MetricSeries(labels: labels, values: one.values) : nil
        }
    }

    /// The replacement with the groups filled in as in Go: `$1`, `${1}`, `$name`; unknown groups are empty. Once the
    /// budget is spent the text is cut short: the query ends.
    private func fill(_ budget: QueryBudget, _ text: (Int) -> String) -> String {
        var result = ""
        var rest = replacement[...]
        while let character = rest.popFirst() {
            guard character == "$" else {
                result.append(character)
                continue
            }
            if rest.first == "$" {
                rest.removeFirst()
                result.append("$")
                continue
            }
            let isBraced = rest.first == "{"
            if isBraced { rest.removeFirst() }
            let name = rest.prefix { $0 == "_" || $0.isLetter || $0.isNumber }
            rest = rest.dropFirst(name.count)
            if isBraced, rest.first == "}" { rest.removeFirst() }
            let named = pattern.groupNames.firstIndex(of: String(name)).map { $0 + 1 }
            if let group = Int(name) ?? named, group <= pattern.groupNames.count {
                result += text(group)
                guard result.utf8.count <= QueryBudget.maximumText, budget.spend(16) else { break }
            }
        }
        _ = budget.keep(text: result.utf8.count)
        return result
    }
}
