import Supervision
import Terminal

/// The parts of a running environment side by side: the state and load of each. Fits 80 columns.
struct StatusLines {
    let states: [(name: String, state: PartState)]
    let readings: [String: PartReading]

    private static let widest = 26
    private static let gap = 1

    /// Two lines: the names, each with a mark, and below them the figures, or a word for what is wrong.
    func lines(on terminal: Terminal) -> [StyledText] {
        guard !states.isEmpty else { return [] }
        let room = terminal.width - 1 - Self.gap * (states.count - 1)
        let width = min(Self.widest, max(room / states.count, 8))
        var (names, figures) = (StyledText(), StyledText())
        for (index, part) in states.enumerated() {
            let reading = readings[part.name]
            let (mark, look) = Self.mark(part.state, reading?.health)
            var name = StyledText()
            name.append(terminal.showsUnicode ? mark + " " : "", look)
            name.append(part.name, LogLineStyle.usual.service(part.name))
            let isLast = index == states.count - 1
            func add(_ cell: StyledText, to line: inout StyledText) {
                let cell = cell.truncated(to: width)
                line += isLast ? cell : cell.padded(to: width + Self.gap)
            }
            add(name, to: &names)
            add(Self.detail(part.state, reading, look, width), to: &figures)
        }
        return [names, figures]
    }

    private static func mark(_ state: PartState, _ health: PartHealth?) -> (String, Style) {
        switch (state, health ?? .answers) {
        case (.starting, _): ("◌", .color(.yellow))
        case (.ready, .answers): ("●", .color(.green))
        case (.ready, .unready): ("◐", .color(.yellow))
        case (.ready, .silent): ("✗", .color(.red).bold)
        case (.draining, _): ("◍", .color(.yellow))
        case (.exited(let exit), _): ("○", exit.isSuccess ? .dim : .color(.red).bold)
        }
    }

    private static func detail(_ state: PartState, _ reading: PartReading?, _ look: Style, _ width: Int) -> StyledText {
        switch state {
        case .starting, .draining: return StyledText(state.name, look)
        case .exited(.code(0)): return StyledText("stopped", look)
        case .exited(.code(let code)): return StyledText("died, code \(code)", look)
        case .exited(.signal(let signal)): return StyledText("died, signal \(signal)", look)
        case .ready:
            guard let reading else { return StyledText(state.name, .dim) }
            guard reading.health == .answers else { return StyledText(reading.health.rawValue, look) }
            return reading.figures.map { text($0, width) } ?? StyledText(reading.health.rawValue, .dim)
        }
    }

    /// `12/s 0% 8.1ms` or, if there is room, `12/s 0% err p95 8.1ms`; at high rates `1.2k 100% 8.1ms`.
    private static func text(_ figures: PartFigures, _ width: Int) -> StyledText {
        let rate = rate(figures.rate)
        guard let failed = figures.failed else { return StyledText(rate, .dim) }
        let percent = Int((failed * 100).rounded(.up))
        let isWide = width >= 23
        var text = StyledText(rate + " ")
        text.append("\(percent)%" + (isWide ? " err" : ""), percent > 0 ? .color(.red) : .plain)
        text.append((isWide ? " p95 " : " ") + (figures.p95.map(compact) ?? "-"))
        return text
    }

    /// At most five characters.
    private static func rate(_ rate: Double) -> String {
        if rate >= 999.5 { return Duration.fixed(rate / 1000, rate < 9950 ? 1 : 0) + "k" }
        return Duration.fixed(rate, rate > 0 && rate < 9.95 ? 1 : 0) + "/s"
    }

    /// At most five characters, up to a day.
    private static func compact(_ duration: Duration) -> String {
        let milliseconds = duration / .milliseconds(1)
        if milliseconds >= 99_950 { return Duration.fixed(milliseconds / 1000, 0) + "s" }
        if milliseconds >= 999.5 { return Duration.fixed(milliseconds / 1000, 1) + "s" }
        return Duration.fixed(milliseconds, milliseconds < 9.95 ? 1 : 0) + "ms"
    }
}
