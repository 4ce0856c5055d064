import Arguments
import Encoding
import FaultControl
import FaultRules
import HTTP
import Supervision
import Synchronization
import Terminal
import Verification
import Vocabulary

/// Reports what happens in a running environment: on a terminal with the states of the parts at the bottom, in a pipe
/// line by line, or as JSON.
package final class StackReport: Sendable {
    package enum Mode: Sendable, Equatable {
        /// All log lines, and states.
        case full
        /// One row per request, the first error of a failed request, lines that belong to no request, and states.
        case requests
        /// States only.
        case quiet
        /// Only problems.
        case silent
        /// The services' own JSON lines, and states as objects with the member `event`.
        case json
    }

    private struct Live {
        var states: [(name: String, state: PartState)] = []
        var readings: [String: PartReading] = [:]
        var rows = RequestRows()
    }

    private let terminal: Terminal
    private let region: LiveRegion
    private let mode: Mode
    private let style = LogLineStyle.usual
    private let clock: WallClock
    private let live = Mutex(Live())

    package init(_ terminal: Terminal, mode: Mode, clock: WallClock = .system) {
        self.terminal = terminal
        self.mode = mode
        self.clock = clock
        region = LiveRegion(terminal)
    }

    /// Shows one event; `states` are those of all parts.
    package func show(_ event: SupervisorEvent, states: [(name: String, state: PartState)]) {
        live.withLock { live in
            live.states = states
            // Readings from before a part ended or restarted no longer apply.
            if case .state(let part, let state) = event, state != .ready { live.readings[part] = nil }
        }
        switch event {
        case .line(let part, let stream, let line): show(line, stream, of: part)
        case .state(let part, let state):
            if mode == .json {
                terminal.json {
                    $0.object {
                        $0.member("event", "state")
                        $0.member("part", part)
                        $0.member("state", state.name)
                        if case .exited(let exit) = state { exit.write(to: &$0) }
                    }
                }
            } else if mode != .silent, !terminal.isInteractive {
                region.print(StyledText("\(part) ", style.service(part)) + (state.isCrash ? "\(state)" : "is \(state)"))
            }
            refresh()
        // The caller reports deaths with `showDeath`, which also says what follows.
        case .died: break
        }
    }

    /// Records how a part answers. Where the states cannot be redrawn, changes are printed.
    package func show(_ reading: PartReading, of part: String) {
        let change: PartHealth? = live.withLock { live in
            guard live.states.first(where: { $0.name == part })?.state == .ready else { return nil }
            let before = live.readings.updateValue(reading, forKey: part)?.health ?? .answers
            return before == reading.health ? nil : reading.health
        }
        guard let change, mode != .silent else { return }
        if mode == .json {
            terminal.json {
                $0.object {
                    $0.member("event", "health")
                    $0.member("part", part)
                    $0.member("health", change.rawValue)
                }
            }
        } else if !terminal.isInteractive {
            let look: Style = change == .answers ? .plain : .color(.yellow)
            region.print(StyledText("\(part) ", style.service(part)) + StyledText("is \(change.rawValue)", look))
        }
        refresh()
    }

    /// Redraws the states, where possible.
    package func refresh() {
        guard mode == .full || mode == .requests || mode == .quiet else { return }
        let (states, readings) = live.withLock { ($0.states, $0.readings) }
        region.show(StatusLines(states: states, readings: readings).lines(on: terminal), immediately: true)
    }

    /// Reports the death of a part, with its last lines of output, and what follows from it.
    package func showDeath(of part: String, _ death: Death, then consequence: String) {
        guard mode != .json else {
            return terminal.json {
                $0.object {
                    $0.member("event", "died")
                    $0.member("part", part)
                    death.exit.write(to: &$0)
                    $0.member("then", consequence)
                    $0.name("last_lines")
                    $0.array { for line in death.lastLines { $0.value(line.text) } }
                }
            }
        }
        let text = "\(part) died: \(death.exit); \(consequence)"
        var lines = (terminal.isInteractive ? wrap(text, terminal.width - 1) : [text]).map {
            StyledText($0, .color(.red).bold)
        }
        if !death.lastLines.isEmpty { lines.append(StyledText("the last that it wrote:", .dim)) }
        for line in death.lastLines {
            let isError = line.stream == .errors
            lines.append(
                "    " + (isError ? StyledText(line.text, .color(.yellow)) : rendered(line.text, part)))
        }
        region.print(lines.map(fitting))
    }

    /// Prints the faults that the environment is started with.
    package func showFaults(_ rules: [FaultRule], seed: UInt64, areHidden: Bool) {
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

    /// Prints that everything is ready, where it is, and what to do next.
    package func showReady(_ layout: StackLayout, in folder: String, after time: Duration) {
        guard mode == .json else { return print(Self.welcome(layout, folder, time)) }
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

    private static func welcome(_ layout: StackLayout, _ folder: String, _ time: Duration) -> [StyledText] {
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
        let here = folder == RunningEnvironment.folderMeant ? "" : " --environment \(folder)"
        for (name, command) in [
            ("send", "tailspan load --rate 5 --duration 30s"), ("look", "tailspan logs --level warning"),
            ("prove", "tailspan verify"),
        ] { table.append([StyledText(name), StyledText(command + here, .dim)]) }
        table.append(["end", StyledText("Ctrl-C", .dim)])
        return [StyledText("everything is ready after \(time.short)", .bold)] + table.lines()
    }

    /// Writes lines that stay.
    package func print(_ lines: [StyledText]) {
        guard mode != .json else { return }
        region.print(lines)
    }

    /// Removes the states from the terminal until the next change. Call it before anything else writes there.
    package func finish() { region.clear() }

    private func show(_ line: String, _ stream: ChildProcess.Stream, of part: String) {
        // Standard error carries no log lines, only errors from before logging works, or a crash.
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
                + StyledText(line, .color(.yellow))
            return region.print(StyledText("        stderr  ", .dim) + text)
        }
        switch mode {
        case .quiet, .silent: break
        case .json: terminal.write(line + "\n")
        case .full: region.print(fitting(rendered(line, part)))
        case .requests:
            let row = live.withLock { $0.rows.row(record(line, part), of: part, style) }
            if let row { region.print(fitting(row)) }
        }
    }

    private func record(_ line: String, _ part: String) -> LogRecord {
        LogRecord(timestampNS: clock.now(), labels: [LogField.service: part], line: line)
    }

    private func rendered(_ line: String, _ part: String) -> StyledText { style.render(record(line, part)) }

    /// Truncated to the terminal's width if it would wrap there.
    private func fitting(_ text: StyledText) -> StyledText {
        terminal.isInteractive ? text.truncated(to: terminal.width - 1) : text
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

extension ProcessExit {
    /// Writes the member `code` or `signal`.
    func write(to json: inout JSONWriter) {
        switch self {
        case .code(let code): json.member("code", code)
        case .signal(let signal): json.member("signal", signal)
        }
    }
}
