/// Aligned columns without boxes. On a terminal the last column is cut to fit; in a pipe nothing is cut.
package struct Table: Sendable {
    package struct Column: Sendable, ExpressibleByStringLiteral {
        package var title: String
        package var isRightAligned: Bool

        package init(_ title: String, right: Bool = false) {
            self.title = title
            isRightAligned = right
        }
        package init(stringLiteral value: String) { self.init(value) }
        package static func right(_ title: String) -> Column { Column(title, right: true) }
    }

    package var columns: [Column]
    package private(set) var rows: [[StyledText]] = []
    /// The number of spaces before each line.
    package var indent: Int

    package init(_ columns: [Column], indent: Int = 0) {
        self.columns = columns
        self.indent = indent
    }

    /// Adds a row; missing cells are empty, extra cells are ignored.
    package mutating func append(_ cells: [StyledText]) {
        rows.append(Array((cells + Array(repeating: "", count: columns.count)).prefix(columns.count)))
    }

    /// The lines, cut to `width` columns unless that is `nil`. The titles are left out if all are empty.
    package func lines(width: Int? = nil) -> [StyledText] {
        let titles = columns.map { StyledText($0.title, .dim) }
        let shown = (columns.allSatisfy { $0.title.isEmpty } ? [] : [titles]) + rows
        let widths = columns.indices.map { column in shown.map { $0[column].width }.max() ?? 0 }
        return shown.map { row in
            var line = StyledText(String(repeating: " ", count: indent))
            for (index, cell) in row.enumerated() {
                if index > 0 { line.append("  ") }
                let isLast = index == row.count - 1
                let isRight = columns[index].isRightAligned
                line += isLast && !isRight ? cell : cell.padded(to: widths[index], onLeft: isRight)
            }
            return width.map { line.truncated(to: $0) } ?? line
        }
    }
}

extension Terminal {
    package func table(_ table: Table) { lines(table.lines(width: isInteractive ? width : nil)) }
}
