/// One call of a log function, before any handler has looked at it.
public struct LogEvent: Sendable {
    /// How much it matters.
    public var level: Logger.Level
    /// What happened.
    public var message: String
    /// The line's own fields, without the logger's persistent ones.
    public var metadata: Logger.Metadata
    /// The error that the line is about.
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

/// Where log lines go. A handler is a value: changing one logger's metadata or level never changes another's.
/// ``log(event:)`` may be called from any thread.
public protocol LogHandler: Sendable {
    /// The least level that is written.
    var logLevel: Logger.Level { get set }
    /// Fields on every line of this logger.
    var metadata: Logger.Metadata { get set }
    /// Writes one line. Must not throw and must not block for long: logging never stops a service.
    func log(event: LogEvent)
}

/// A handler that writes nothing.
public struct SwiftLogNoOpLogHandler: LogHandler {
    /// Always `critical`, so that arguments are not even built.
    public var logLevel: Logger.Level = .critical
    /// Kept, never written.
    public var metadata: Logger.Metadata = [:]
    /// Creates the handler.
    public init() {}
    /// Does nothing.
    public func log(event: LogEvent) {}
}

/// Gives every line to several handlers: file and stdout and OTLP.
public struct MultiplexLogHandler: LogHandler {
    private var handlers: [any LogHandler]

    /// Creates a handler over `handlers`, which should not be empty.
    public init(_ handlers: [any LogHandler]) { self.handlers = handlers }

    /// The least level of all; setting it sets them all.
    public var logLevel: Logger.Level {
        get { handlers.map(\.logLevel).min() ?? .critical }
        set { for index in handlers.indices { handlers[index].logLevel = newValue } }
    }
    /// The first handler's fields; setting them sets them all.
    public var metadata: Logger.Metadata {
        get { handlers.first?.metadata ?? [:] }
        set { for index in handlers.indices { handlers[index].metadata = newValue } }
    }
    /// Passes the line to each handler whose level admits it.
    public func log(event: LogEvent) {
        for handler in handlers where handler.logLevel <= event.level { handler.log(event: event) }
    }
}
