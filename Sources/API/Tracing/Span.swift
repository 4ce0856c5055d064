/// The role of a span in its trace (OpenTelemetry Trace API, "SpanKind").
public enum SpanKind: Sendable, Hashable, CaseIterable {
    /// Work inside one process.
    case `internal`
    /// Handles a request received over the network.
    case server
    /// Waits for the response to a request that it sent.
    case client
    /// Adds a message to a queue without waiting for it to be processed.
    case producer
    /// Processes a message taken from a queue.
    case consumer
}

/// The outcome of a span (OpenTelemetry Trace API, "Set Status"). An unset status is represented by `nil`.
public struct SpanStatus: Sendable, Hashable {
    /// The status code.
    public enum Code: Sendable, Hashable {
        /// Declared successful by the application.
        case ok
        /// Failed.
        case error
    }

    /// The status code.
    public var code: Code
    /// The reason, for errors only.
    public var message: String?

    /// Creates a status.
    public init(code: Code, message: String? = nil) {
        self.code = code
        self.message = message
    }
}

/// A point-in-time event of a span (OpenTelemetry Trace API, "Add Events").
public struct SpanEvent: Sendable, Hashable {
    /// The event's name, `exception` for a recorded error.
    public var name: String
    /// The event's attributes.
    public var attributes: SpanAttributes
    /// When it happened, in nanoseconds since the Unix epoch; `nil` for the time it is added.
    public var nanosecondsSinceEpoch: UInt64?

    /// Creates an event.
    public init(name: String, at nanosecondsSinceEpoch: UInt64? = nil, attributes: SpanAttributes = [:]) {
        self.name = name
        self.attributes = attributes
        self.nanosecondsSinceEpoch = nanosecondsSinceEpoch
    }
}

extension SpanEvent: ExpressibleByStringLiteral {
    /// Creates an event with that name, at the time it is added.
    public init(stringLiteral name: String) { self.init(name: name) }
}

/// A causal reference from one span to another that is not its parent (OpenTelemetry Trace API, "Link").
public struct SpanLink: Sendable {
    /// The context of the linked span.
    public let context: ServiceContext
    /// The link's attributes.
    public let attributes: SpanAttributes

    /// Creates a link.
    public init(context: ServiceContext, attributes: SpanAttributes = [:]) {
        self.context = context
        self.attributes = attributes
    }
}

/// One operation of a trace. Implementations are safe to use from any thread. Changes after ``end(at:)`` are ignored.
public protocol Span: AnyObject, Sendable {
    /// The context for child operations, which contains this span.
    var context: ServiceContext { get }
    /// The span's name; low cardinality, such as `POST /v1/tasks`.
    var operationName: String { get set }
    /// The span's attributes. Setting an attribute on a non-recording span does nothing.
    var attributes: SpanAttributes { get set }
    /// Whether the data set on the span will be exported; `false` for an unsampled span.
    var isRecording: Bool { get }

    /// Sets the status. `ok` is final and is not overridden by an error.
    func setStatus(_ status: SpanStatus)
    /// Adds an event.
    func addEvent(_ event: SpanEvent)
    /// Adds an `exception` event for `error` (semantic conventions: `exception.type`, `exception.message`).
    func recordError(_ error: any Error, attributes: SpanAttributes)
    /// Adds a link.
    func addLink(_ link: SpanLink)
    /// Ends the span. Only the first call has an effect.
    /// - Parameter nanosecondsSinceEpoch: the end time; `nil` for now.
    func end(at nanosecondsSinceEpoch: UInt64?)
}

extension Span {
    /// Ends the span now.
    public func end() { end(at: nil) }

    /// Changes several attributes at once. The span is locked once for reading and once for writing.
    public func updateAttributes(_ update: (inout SpanAttributes) -> Void) {
        var attributes = attributes
        update(&attributes)
        self.attributes = attributes
    }

    /// Adds a link to `other`.
    public func addLink(_ other: any Span, attributes: SpanAttributes = [:]) {
        addLink(SpanLink(context: other.context, attributes: attributes))
    }

    /// Adds an `exception` event for `error`.
    public func recordError(_ error: any Error) { recordError(error, attributes: [:]) }

    /// Records `error` and sets the status to error, with the error's description as its message.
    public func fail(_ error: any Error) {
        recordError(error, attributes: [:])
        setStatus(SpanStatus(code: .error, message: String(describing: error)))
    }
}
