import Encoding

extension Terminal {
    /// Writes one JSON value on a line of its own. What is in its texts does nothing to a terminal.
    package func json(_ body: (inout JSONWriter) -> Void) {
        var writer = JSONWriter()
        body(&writer)
        write(TerminalText.escaped(json: writer.string) + "\n")
    }
}
