/// Writes log lines. Modelled on swift-log's type of the same name, with typed fields.
///
/// A value type; a copy can be given more persistent fields without changing the original: `var log = logger;
/// log[metadataKey: "task_id"] = .string(id)`.
public struct Logger: Sendable {
    /// The message of a line, a plain `String`. swift-log has a separate type, so that a variable cannot be passed as a
    /// message.
    public typealias Message = String

    /// The logger's name, such as the service's.
    public let label: String
    /// The destination of the lines.
    public var handler: any LogHandler
    /// Supplies fields from the surrounding context. Fields passed to a call take precedence.
    public var metadataProvider: MetadataProvider?

    /// Creates a logger with a handler.
    public init(label: String, handler: any LogHandler, metadataProvider: MetadataProvider? = nil) {
        self.label = label
        self.handler = handler
        self.metadataProvider = metadataProvider
    }

    /// Creates a logger that writes text to standard error, from level `info` on.
    ///
    /// No process-wide setting changes this. To use another handler, pass it explicitly.
    public init(label: String) { self.init(label: label, handler: StreamLogHandler.standardError(label: label)) }

    /// Creates a logger with the handler that `factory` creates for the label.
    public init(label: String, factory: (String) -> any LogHandler) { self.init(label: label, handler: factory(label)) }

    /// A logger that writes nothing.
    public static var noOp: Logger { Logger(label: "no-op", handler: SwiftLogNoOpLogHandler()) }

    /// The minimum level that is written.
    public var logLevel: Level {
        get { handler.logLevel }
        set { handler.logLevel = newValue }
    }

    /// A persistent field, on every line of this logger.
    public subscript(metadataKey key: String) -> MetadataValue? {
        get { handler.metadata[key] }
        set { handler.metadata[key] = newValue }
    }

    /// Writes a line if `level` is enabled. `message` and `metadata` are evaluated only in that case.
    @inlinable
    public func log(
        level: Level, _ message: @autoclosure () -> String, error: (any Error)? = nil,
        metadata: @autoclosure () -> Metadata = [:], file: String = #fileID, function: String = #function,
        line: UInt = #line
    ) {
        guard handler.logLevel <= level else { return }
        handler.log(
            event: LogEvent(
                level: level, message: message(), metadata: fields(metadata), error: error, file: file,
                function: function, line: line))
    }

    /// The fields of a call, combined with those of the provider if there is one.
    @inlinable
    func fields(_ metadata: () -> Metadata) -> Metadata {
        guard let metadataProvider else { return metadata() }
        var fields = metadataProvider.get()
        fields.merge(metadata())
        return fields
    }

    /// Writes a line at level `trace`.
    @inlinable
    public func trace(
        _ message: @autoclosure () -> String, error: (any Error)? = nil, metadata: @autoclosure () -> Metadata = [:],
        file: String = #fileID, function: String = #function, line: UInt = #line
    ) {
        log(level: .trace, message(), error: error, metadata: metadata(), file: file, function: function, line: line)
    }

    /// Writes a line at level `debug`.
    @inlinable
    public func debug(
        _ message: @autoclosure () -> String, error: (any Error)? = nil, metadata: @autoclosure () -> Metadata = [:],
        file: String = #fileID, function: String = #function, line: UInt = #line
    ) {
        log(level: .debug, message(), error: error, metadata: metadata(), file: file, function: function, line: line)
    }

    /// Writes a line at level `info`.
    @inlinable
    public func info(
        _ message: @autoclosure () -> String, error: (any Error)? = nil, metadata: @autoclosure () -> Metadata = [:],
        file: String = #fileID, function: String = #function, line: UInt = #line
    ) {
        log(level: .info, message(), error: error, metadata: metadata(), file: file, function: function, line: line)
    }

    /// Writes a line at level `notice`.
    @inlinable
    public func notice(
        _ message: @autoclosure () -> String, error: (any Error)? = nil, metadata: @autoclosure () -> Metadata = [:],
        file: String = #fileID, function: String = #function, line: UInt = #line
    ) {
        log(level: .notice, message(), error: error, metadata: metadata(), file: file, function: function, line: line)
    }

    /// Writes a line at level `warning`.
    @inlinable
    public func warning(
        _ message: @autoclosure () -> String, error: (any Error)? = nil, metadata: @autoclosure () -> Metadata = [:],
        file: String = #fileID, function: String = #function, line: UInt = #line
    ) {
        log(level: .warning, message(), error: error, metadata: metadata(), file: file, function: function, line: line)
    }

    /// Writes a line at level `error`.
    @inlinable
    public func error(
        _ message: @autoclosure () -> String, error: (any Error)? = nil, metadata: @autoclosure () -> Metadata = [:],
        file: String = #fileID, function: String = #function, line: UInt = #line
    ) {
        log(level: .error, message(), error: error, metadata: metadata(), file: file, function: function, line: line)
    }

    /// Writes a line at level `critical`.
    @inlinable
    public func critical(
        _ message: @autoclosure () -> String, error: (any Error)? = nil, metadata: @autoclosure () -> Metadata = [:],
        file: String = #fileID, function: String = #function, line: UInt = #line
    ) {
        log(level: .critical, message(), error: error, metadata: metadata(), file: file, function: function, line: line)
    }
}
