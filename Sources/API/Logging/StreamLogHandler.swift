import Glibc

/// Writes lines of text to standard output or standard error. The default of a ``Logger`` without an explicit handler.
///
/// The format is swift-log's: `2026-11-20T16:32:01+0000 info tasks: task_id=t-1 [TasksService] task settled`. It is
/// meant for scripts, examples and tests; a service uses its own handler.
public struct StreamLogHandler: LogHandler {
    /// The minimum level that is written; `info` by default.
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

    /// Writes one line with one system call, so that lines of several threads do not mix. Errors are ignored.
    public func log(event: LogEvent) {
        let line = Array((Self.timestamp() + " " + text(of: event) + "\n").utf8)
        _ = line.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    }

    /// The line without timestamp and line end.
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

    /// Foreign text may contain line breaks and terminal sequences, which must not be mistaken for lines of ours.
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
