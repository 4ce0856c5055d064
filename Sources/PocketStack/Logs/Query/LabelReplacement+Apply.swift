import RegularExpressions

extension LabelReplacement {
    /// The series with the label replaced; should two become one, the first counts.
    func apply(to series: [MetricSeries]) -> [MetricSeries] {
        let extractor = RegexExtractor(pattern, anchored: true)
        var seen: Set<[Label]> = []
        return series.compactMap { one in
            var value = one.labels[source] ?? ""
            let filled = value.withUTF8 { bytes in
                extractor.groups(bytes).map { groups in
                    fill { group in
                        guard let range = groups[group] else { return "" }
                        return String(decoding: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self)
                    }
                }
            }
            var labels = one.labels
            if let filled {
                labels.removeAll { $0.name == name }
                if !filled.isEmpty { labels = (labels + [Label(name, filled)]).sorted() }
            }
            return seen.insert(labels).inserted ? MetricSeries(labels: labels, values: one.values) : nil
        }
    }

    /// The replacement with the texts of groups, as Go expands it: `$1`, `${1}`, `$name`; an unknown one is empty.
    private func fill(_ text: (Int) -> String) -> String {
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
            if let group = Int(name) ?? named, group <= pattern.groupNames.count { result += text(group) }
        }
        return result
    }
}
