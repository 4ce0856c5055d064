import Synchronization

/// Shows the progress of work: a bar that is redrawn on a terminal, an occasional line in a pipe. Safe to use from any
/// thread.
package final class Progress: Sendable {
    private struct State {
        var lastLine: ContinuousClock.Instant?
        var frame = 0
    }

    private let terminal: Terminal
    private let region: LiveRegion
    private let label: String
    private let pipeInterval: Duration
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())

    /// In a pipe a line is written at most once per `pipeInterval`.
    package init(
        _ label: String, on terminal: Terminal, pipeInterval: Duration = .seconds(5),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) {
        self.label = label
        self.terminal = terminal
        self.pipeInterval = pipeInterval
        self.now = now
        region = LiveRegion(terminal, now: now)
    }

    /// Shows `done` of `total` with a short `note`; without a total, a spinner.
    package func update(_ done: Int, of total: Int?, note: String = "") {
        let suffix = note.isEmpty ? "" : "  " + note
        if terminal.isInteractive {
            region.show([line(done, total) + StyledText(suffix, .dim)])
            return
        }
        let moment = now()
        let isDue = state.withLock { state in
            // The first line is delayed too: short work needs none.
            guard let last = state.lastLine else {
                state.lastLine = moment
                return false
            }
            guard moment - last >= pipeInterval else { return false }
            state.lastLine = moment
            return true
        }
        if isDue { terminal.line(StyledText("\(label): \(done)\(total.map { " of \($0)" } ?? "")\(suffix)")) }
    }

    /// Writes a line that stays, above the bar.
    package func print(_ line: StyledText) { region.print(line) }

    /// Removes the bar.
    package func finish() { region.clear() }

    private func line(_ done: Int, _ total: Int?) -> StyledText {
        guard let total, total > 0 else {
            let frames = Array(terminal.showsUnicode ? "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏" : "|/-\\")
            let frame = state.withLock { state in
                state.frame = (state.frame + 1) % frames.count
                return frames[state.frame]
            }
            return StyledText("\(frame) ", .color(.cyan)) + StyledText("\(label) \(done)")
        }
        let width = max(10, min(40, terminal.width / 3))
        return StyledText("\(label) ") + Bar.fraction(Double(done) / Double(total), width: width, terminal)
            + StyledText(" \(done)/\(total)")
    }
}

/// Bars of block characters, or of `#` if those cannot be shown.
package enum Bar {
    /// A bar filled to `fraction` (0 to 1).
    package static func fraction(_ fraction: Double, width: Int, _ terminal: Terminal) -> StyledText {
        let filled = Int((max(0, min(1, fraction)) * Double(width)).rounded(.down))
        let (full, empty) = terminal.showsUnicode ? ("█", "░") : ("#", ".")
        return StyledText(String(repeating: full, count: filled), .color(.cyan))
            + StyledText(String(repeating: empty, count: width - filled), .dim)
    }
}
