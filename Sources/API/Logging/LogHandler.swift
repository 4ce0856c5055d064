/// One call of a log function, before any handler has processed it.
public struct LogEvent: Sendable {
    /// The level of the line.
    public var level: Logger.Level
    /// The message.
    public var message: String
    /// The line's own fields, without the logger's persistent ones.
    public var metadata: Logger.Metadata
    /// The error that the line reports.
    public var error: (any Error)?
    /// The file of the call, as `Module/File.swift`.
    public var file: String
    /// The function of the call.
    public var function: String
    /// The line of the call.
    public var line: UInt

    /// Creates an event.
    @inlinable
    public init(
        level: Logger.Level, message: String, metadata: Logger.Metadata = [:], error: (any Error)? = nil,
        file: String = #fileID, function: String = #function, line: UInt = #line
    ) {
        self.level = level
        self.message = message
        self.metadata = metadata
        self.error = error
        self.file = file
        self.function = function
        self.line = line
    }
}

/// A destination for log lines. A handler is a value: changing the metadata or level of one logger never changes
/// another's. ``log(event:)`` may be called from any thread.
public protocol LogHandler: Sendable {
    /// The minimum level that is written.
    var logLevel: Logger.Level { get set }
    /// Fields on every line of this logger.
    var metadata: Logger.Metadata { get set }
    /// Writes one line. Must not throw and must not block for long, because logging must never stop a service.
    func log(event: LogEvent)
}

/// A handler that writes nothing.
public struct SwiftLogNoOpLogHandler: LogHandler {
    /// Always `critical`, so that most arguments are not even evaluated.
    public var logLevel: Logger.Level = .critical
    /// Stored but never written.
    public var metadata: Logger.Metadata = [:]
    /// Creates the handler.
    public init() {}
    /// Does nothing.
    public func log(event: LogEvent) {}
}

/// Passes every line to several handlers, such as file, stdout and OTLP.
public struct MultiplexLogHandler: LogHandler {
    private var handlers: [any LogHandler]

    /// Creates a handler over `handlers`, which should not be empty.
    public init(_ handlers: [any LogHandler]) { self.handlers = handlers }

    /// The lowest level of all handlers. Setting it sets the level of each.
    public var logLevel: Logger.Level {
        get { handlers.map(\.logLevel).min() ?? .critical }
        set { for index in handlers.indices { handlers[index].logLevel = newValue } }
    }
    /// The first handler's fields. Setting them sets the fields of each handler.
    public var metadata: Logger.Metadata {
        get { handlers.first?.metadata ?? [:] }
        set { for index in handlers.indices { handlers[index].metadata = newValue } }
    }
    /// Passes the line to each handler whose level allows it.
    public func log(event: LogEvent) {
        for handler in handlers where handler.logLevel <= event.level { handler.log(event: event) }
    }
}
