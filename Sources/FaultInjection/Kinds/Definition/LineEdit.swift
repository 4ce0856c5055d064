import LogOutput
import Logging

/// What becomes of a line that is about to be written, and what is written with it. Each effect on lines may change it.
package struct LineEdit {
    /// The line's level.
    package let level: Logger.Level
    /// Where the line goes.
    package let output: LogOutput
    /// How the line differs from what it should be.
    package var overrides = LogLine.Overrides()
    /// How often it is written.
    package var copies = 1
    /// Whether the file is rotated after it.
    package var rotates = false
    /// Has a write run later; returns `false` if it is to be now.
    package var postpone: ((@escaping @Sendable () -> Void) -> Bool)?
    private var following: [(LogLine, _ marks: Logger.Metadata) -> [LogPiece]] = []

    package init(level: Logger.Level, output: LogOutput) {
        self.level = level
        self.output = output
    }

    /// Has more be written after the line. `pieces` is called when the line is complete, and given the line and the fields
    /// that tell of faults.
    package mutating func follow(_ pieces: @escaping (LogLine, _ marks: Logger.Metadata) -> [LogPiece]) {
        following.append(pieces)
    }

    package var changesNothing: Bool {
        overrides == LogLine.Overrides() && copies == 1 && !rotates && postpone == nil && following.isEmpty
    }

    /// All that is to be written, in its order.
    package func pieces(of line: LogLine, marks: Logger.Metadata) -> [LogPiece] {
        var line = line
        line.event.metadata.merge(marks)
        if overrides != LogLine.Overrides() { line.overrides = overrides }
        var pieces = (0..<UInt64(copies)).map { copy in
            guard copy > 0 else { return LogPiece.line(line) }
            // Loki shows a line once that has the same time and text as another.
            var later = line
            later.overrides = overrides
            later.overrides?.delay += copy * 1_000_000
            return .line(later)
        }
        for more in following { pieces += more(line, marks) }
        if rotates { pieces.append(.rotation) }
        return pieces
    }
}
