import CommandLine
import Contracts
import Encoding
import FaultInjection
import HTTP
import Verification

/// Tells what happens in a running environment: on a terminal with the parts' states at the bottom, in a pipe line by
/// line, or as JSON.
final class StackReport: Sendable {
    enum Mode: Sendable, Equatable {
        /// Log lines and states.
        case full
        /// States only.
        case quiet
        /// Only what goes wrong.
        case silent
        /// The services' own JSON lines, and states as objects with the member `event`.
        case json
    }

    private let terminal: Terminal
    private let region: LiveRegion
    private let mode: Mode
    private let style = LogLineStyle.usual
    private let clock: WallClock

    init(_ terminal: Terminal, mode: Mode, clock: WallClock = .system) {
        self.terminal = terminal
        self.mode = mode
        self.clock = clock
        region = LiveRegion(terminal)
    }

    /// Shows one event; `states` are those of all parts.
    func show(_ event: SupervisorEvent, states: [(name: String, state: PartState)]) {
        switch event {
        case .line(let part, let stream, let line): show(line, stream, of: part)
        case .state(let part, let state):
            if mode == .json {
                terminal.json {
                    $0.object {
                        $0.member("event", "state")
                        $0.member("part", part)
                        $0.member("state", state.name)
                        if case .exited(.code(let code)) = state { $0.member("code", code) }
                        if case .exited(.signal(let signal)) = state { $0.member("signal", signal) }
                    }
                }
            } else if mode != .silent, !terminal.isInteractive {
                region.print(StyledText("\(part) ", style.service(part)) + (state.isCrash ? "\(state)" : "is \(state)"))
            }
            showStates(states)
        case .died(let part, let status):
            guard mode != .json else { return }
            region.print(StyledText("\(part) died: \(status); nothing is restarted", .color(.red).bold))
        }
    }

    /// Says which faults everything is started with.
    func showFaults(_ rules: [FaultRule], seed: UInt64, areHidden: Bool) {
        guard !rules.isEmpty else { return }
        guard mode == .json else {
            var lines = rules.map { StyledText("fault     ", .color(.red)) + StyledText($0.description) }
            if areHidden { lines = ["faults are injected, and hidden"] }
            return print(lines)
        }
        terminal.json {
            $0.object {
                $0.member("event", "faults")
                $0.name("seed")
                FaultState.write(seed: seed, to: &$0)
                $0.member("hidden", areHidden)
                $0.name("rules")
                $0.array { if !areHidden { for rule in rules { $0.value(rule.description) } } }
            }
        }
    }

    /// Says that everything is ready, where it is, and how to go on.
    func showReady(_ layout: StackLayout, after time: Duration) {
        guard mode == .json else { return print(Self.welcome(layout, time)) }
        terminal.json {
            $0.object {
                $0.member("event", "ready")
                $0.member("after_ms", time / .milliseconds(1))
                for role in ServiceRole.allCases { $0.member(role.rawValue, layout.url(of: role)) }
                $0.member("console", layout.consoleURL)
                $0.member("loki", layout.lokiURL)
                $0.member("tempo", layout.tempoURL)
                $0.member("otlp", layout.otlpURL)
                $0.member("log_dir", layout.logFolder)
                $0.member("data_dir", layout.dataFolder)
            }
        }
    }

    private static func welcome(_ layout: StackLayout, _ time: Duration) -> [StyledText] {
        var table = Table(["", ""], indent: 2)
        for role in ServiceRole.allCases {
            let name = StyledText(role.rawValue, LogLineStyle.usual.service(role.rawValue))
            table.append([name, StyledText(layout.url(of: role))])
        }
        let isPocket = layout.stack == .pocket
        table.append([isPocket ? "console" : "Grafana", StyledText(URLRedaction.url(layout.consoleURL))])
        table.append(["Loki", StyledText(URLRedaction.url(layout.lokiURL))])
        table.append(["Tempo", StyledText(URLRedaction.url(layout.tempoURL))])
        table.append(["log files", StyledText(layout.logFolder)])
        table.append([
            "send", StyledText(loadCommand(layout), .dim),
        ])
        table.append([
            "look", StyledText("tailspan logs --level warning --loki \(URLRedaction.url(layout.lokiURL))", .dim),
        ])
        table.append(["end", StyledText("Ctrl-C", .dim)])
        return [StyledText("everything is ready after \(time.short)", .bold)] + table.lines()
    }

    /// A load that fits the layout; what it would do by itself is not said.
    static func loadCommand(_ layout: StackLayout) -> String {
        let otlp = layout.otlpURL == LoadSpans.defaultEndpoint ? "" : " --otlp \(URLRedaction.url(layout.otlpURL))"
        return "tailspan load --url \(layout.url(of: .gateway))\(otlp) --rate 5 --duration 30s"
    }

    /// Writes something that stays.
    func print(_ lines: [StyledText]) {
        guard mode != .json else { return }
        region.print(lines)
    }

    /// Takes the states away from the terminal, until the next change. To be called before anybody else writes there.
    func finish() { region.clear() }

    private func show(_ line: String, _ stream: ChildProcess.Stream, of part: String) {
        // What comes on standard error is no log line but a complaint before logging works, or a crash.
        if stream == .errors {
            guard mode != .json else {
                return terminal.json {
                    $0.object {
                        $0.member("event", "stderr")
                        $0.member("part", part)
                        $0.member("text", line)
                    }
                }
            }
            let text =
                StyledText(part, style.service(part)).padded(to: 8) + "  "
                + StyledText(printable(line), .color(.yellow))
            return region.print(StyledText("        stderr  ", .dim) + text)
        }
        switch mode {
        case .quiet, .silent: break
        case .json: terminal.write(line + "\n")
        case .full:
            let record = LogRecord(timestampNS: clock.now(), labels: [LogField.service: part], line: line)
            region.print(style.render(record))
        }
    }

    private func showStates(_ states: [(name: String, state: PartState)]) {
        guard mode == .full || mode == .quiet else { return }
        var line = StyledText()
        for (name, state) in states {
            if !line.isEmpty { line.append("  ") }
            let (mark, look): (String, Style) =
                switch state {
                case .starting: ("◌", .color(.yellow))
                case .ready: ("●", .color(.green))
                case .draining: ("◍", .color(.yellow))
                case .exited(let status): ("○", status.isSuccess ? .dim : .color(.red))
                }
            line.append(terminal.showsUnicode ? mark + " " : "", look)
            line.append(name, style.service(name))
            line.append(" \(state)", state == .ready ? .dim : look)
        }
        region.show([line], immediately: true)
    }
}

extension PartState {
    fileprivate var isCrash: Bool {
        if case .exited(let exit) = self { !exit.isSuccess } else { false }
    }

    /// One word.
    var name: String {
        switch self {
        case .starting: "starting"
        case .ready: "ready"
        case .draining: "draining"
        case .exited: "exited"
        }
    }
}
