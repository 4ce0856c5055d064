import Synchronization

/// Lines that stay at the bottom of the terminal and are redrawn while other lines scroll by above them. In a pipe only
/// the other lines are written. Safe to use from any thread.
package final class LiveRegion: Sendable {
    private struct State {
        var wanted: [StyledText] = []
        var drawn = 0
        var lastDrawn: ContinuousClock.Instant?
    }

    private let terminal: Terminal
    private let interval: Duration
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())

    /// Redraws at most once per `interval`.
    package init(
        _ terminal: Terminal, interval: Duration = .milliseconds(80),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) {
        self.terminal = terminal
        self.interval = interval
        self.now = now
    }

    /// Writes a line that stays, above the region.
    package func print(_ line: StyledText) { print([line]) }

    /// Writes lines that stay, above the region.
    package func print(_ lines: [StyledText]) {
        guard !lines.isEmpty else { return }
        state.withLock { state in
            let text = lines.map { $0.rendered(colors: terminal.showsColors) + "\n" }.joined()
            terminal.write(Self.erase(state.drawn) + text + redraw(&state))
        }
    }

    /// Replaces the region's lines. If several updates come within an interval, the newest is drawn; `immediately`
    /// always draws.
    package func show(_ lines: [StyledText], immediately: Bool = false) {
        guard terminal.isInteractive else { return }
        state.withLock { state in
            guard state.wanted != lines else { return }
            state.wanted = lines
            let moment = now()
            if !immediately, let last = state.lastDrawn, moment - last < interval { return }
            state.lastDrawn = moment
            let output = Self.erase(state.drawn) + redraw(&state)
            terminal.write(output)
        }
    }

    package func clear() {
        guard terminal.isInteractive else { return }
        state.withLock { state in
            guard state.drawn > 0 else { return }
            terminal.write(Self.erase(state.drawn))
            state = State()
        }
    }

    /// Moves the cursor from below the region to its beginning, and erases to the end of the screen.
    private static func erase(_ drawn: Int) -> String { drawn > 0 ? "\u{1B}[\(drawn)A\r\u{1B}[J" : "" }

    private func redraw(_ state: inout State) -> String {
        guard terminal.isInteractive else { return "" }
        // A line of the full width would wrap, and the cursor would move back too few lines.
        let width = terminal.width - 1
        state.drawn = state.wanted.count
        return state.wanted.map { $0.truncated(to: width).rendered(colors: terminal.showsColors) + "\n" }.joined()
    }
}
