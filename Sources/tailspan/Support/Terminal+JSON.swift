import CommandLine
import Encoding

extension Terminal {
    /// Writes one JSON value on a line of its own.
    func json(_ body: (inout JSONWriter) -> Void) {
        var writer = JSONWriter()
        body(&writer)
        write(writer.string + "\n")
    }
}
