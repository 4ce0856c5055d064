import Glibc

/// The output of a command: knows whether it is a terminal, its width, and whether it shows colours.
package struct Terminal: Sendable {
    package let sink: any OutputSink
    /// Whether lines may be redrawn.
    package var isInteractive: Bool
    package var showsColors: Bool
    /// Whether box-drawing and block characters may be used.
    package var showsUnicode: Bool
    private let fallbackWidth: Int?

    package init(
        sink: any OutputSink, isInteractive: Bool = false, showsColors: Bool = false, showsUnicode: Bool = true,
        fallbackWidth: Int? = nil
    ) {
        self.sink = sink
        self.isInteractive = isInteractive
        self.showsColors = showsColors
        self.showsUnicode = showsUnicode
        self.fallbackWidth = fallbackWidth
    }

    /// Reads the customary variables: `NO_COLOR` (no-color.org) overrides `CLICOLOR_FORCE`, a dumb `TERM` is never
    /// redrawn, `COLUMNS` applies if the terminal does not report its width, a `C` locale gets ASCII characters.
    package init(sink: any OutputSink, isTerminal: Bool, environment: [String: String]) {
        func isSet(_ name: String) -> Bool { environment[name].map { !$0.isEmpty } ?? false }
        let isDumb = environment["TERM"] == "dumb"
        let isForced = isSet("CLICOLOR_FORCE") && environment["CLICOLOR_FORCE"] != "0"
        let isRefused = isSet("NO_COLOR") || environment["CLICOLOR"] == "0"
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        self.init(
            sink: sink, isInteractive: isTerminal && !isDumb,
            showsColors: isSet("NO_COLOR") ? false : isForced || (isTerminal && !isDumb && !isRefused),
            showsUnicode: !(isTerminal && isDumb) && locale != "C" && locale != "POSIX",
            fallbackWidth: environment["COLUMNS"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil })
    }

    /// A terminal on a descriptor of this process.
    package static func standard(
        _ descriptor: Int32, environment: [String: String], whenClosed: (@Sendable () -> Void)? = nil
    ) -> Terminal {
        Terminal(
            sink: DescriptorSink(descriptor, whenClosed: whenClosed), isTerminal: isatty(descriptor) == 1,
            environment: environment)
    }

    /// The current width in columns; 100 if unknown.
    package var width: Int { sink.columns ?? fallbackWidth ?? 100 }

    package func write(_ text: String) { sink.write(text) }

    package func line(_ text: StyledText = "") { sink.write(text.rendered(colors: showsColors) + "\n") }

    package func lines(_ lines: [StyledText]) {
        guard !lines.isEmpty else { return }
        sink.write(lines.map { $0.rendered(colors: showsColors) + "\n" }.joined())
    }
}
