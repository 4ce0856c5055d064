import LogOutput
import Logging

/// How a line is written, and which lines are written with it. Each line effect may change it.
package struct LineEdit {
    /// The line's level.
    package let level: Logger.Level
    /// The output that the line goes to.
    package let output: LogOutput
    /// The fields in which the line differs from a correct one.
    package var overrides = LogLine.Overrides()
    /// How many times the line is written.
    package var copies = 1
    /// Whether the file is rotated after the line.
    package var rotates = false
    /// Schedules a write for later; returns `false` if it must happen now.
    package var postpone: ((@escaping @Sendable () -> Void) -> Bool)?
    private var following: [(LogLine, _ marks: Logger.Metadata) -> [LogPiece]] = []

    package init(level: Logger.Level, output: LogOutput) {
        self.level = level
        self.output = output
    }

    /// Adds output after the line. `pieces` is called when the line is complete. It receives the line and the fields
    /// that mark faults.
    package mutating func follow(_ pieces: @escaping (LogLine, _ marks: Logger.Metadata) -> [LogPiece]) {
        following.append(pieces)
    }

    package var changesNothing: Bool {
        overrides == LogLine.Overrides() && copies == 1 && !rotates && postpone == nil && following.isEmpty
    }

    /// Returns everything to write, in order.
    package func pieces(of line: LogLine, marks: Logger.Metadata) -> [LogPiece] {
        var line = line
        line.event.metadata.merge(marks)
        if overrides != LogLine.Overrides() { line.overrides = overrides }
        var pieces = (0..<UInt64(copies)).map { copy in
            guard copy > 0 else { return LogPiece.line(line) }
            // Loki shows lines with the same time and text only once.
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
