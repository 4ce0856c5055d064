import Glibc

/// Writes lines of text to standard output or standard error: what a ``Logger`` uses that was given no handler.
///
/// A line reads as swift-log's does: `2026-11-20T16:32:01+0000 info tasks: task_id=t-1 [TasksService] task settled`. It is
/// for scripts, examples and tests; a service's lines come from a handler of its own.
public struct StreamLogHandler: LogHandler {
    /// The least level that is written, `info` unless changed.
    public var logLevel: Logger.Level = .info
    /// Fields on every line.
    public var metadata: Logger.Metadata = [:]
    private let label: String
    private let descriptor: Int32

    init(label: String, descriptor: Int32) {
        self.label = label
        self.descriptor = descriptor
    }

    /// A handler that writes to standard output.
    public static func standardOutput(label: String) -> StreamLogHandler {
        StreamLogHandler(label: label, descriptor: STDOUT_FILENO)
    }

    /// A handler that writes to standard error.
    public static func standardError(label: String) -> StreamLogHandler {
        StreamLogHandler(label: label, descriptor: STDERR_FILENO)
    }

    /// Writes one line with one system call, so that lines of several threads do not mix. A failure is ignored.
    public func log(event: LogEvent) {
        let line = Array((Self.timestamp() + " " + text(of: event) + "\n").utf8)
        _ = line.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    }

    /// The line without its time and its end.
    func text(of event: LogEvent) -> String {
        var fields = metadata
        fields.merge(event.metadata)
        if let error = event.error {
            fields["error.message"] = .string(String(describing: error))
            fields["error.type"] = .string(String(reflecting: type(of: error)))
        }
        let pairs = fields.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        let module = event.file.prefix { $0 != "/" }
        return Self.onOneLine("\(event.level.rawValue) \(label):\(pairs) [\(module)] \(event.message)")
    }

    /// Text of others may hold line breaks and terminal sequences; neither may look like a line of ours.
    private static func onOneLine(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        return text.unicodeScalars.reduce(into: "") { result, scalar in
            result += isControl(scalar) ? scalar.escaped(asASCII: true) : String(scalar)
        }
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.generalCategory == .control }

    private static func timestamp() -> String {
        var now = time(nil)
        var parts = tm()
        gmtime_r(&now, &parts)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { buffer in
            guard let text = buffer.baseAddress else { return "" }
            strftime(text, buffer.count, "%Y-%m-%dT%H:%M:%S%z", &parts)
            return String(cString: text)
        }
    }
}
