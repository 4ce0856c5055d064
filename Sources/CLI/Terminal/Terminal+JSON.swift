import Encoding

extension Terminal {
    /// Writes one JSON value on its own line. Control characters in its strings are escaped, so they do not affect a
    /// terminal.
    package func json(_ body: (inout JSONWriter) -> Void) {
        var writer = JSONWriter()
        body(&writer)
        write(TerminalText.escaped(json: writer.string) + "\n")
    }
}
