/// The role a span plays in its trace (OpenTelemetry Trace API, "SpanKind").
public enum SpanKind: Sendable, Hashable, CaseIterable {
    /// Work inside one process.
    case `internal`
    /// Handles a request that came over the network.
    case server
    /// Waits for the answer to a request it sent.
    case client
    /// Hands a message to a queue; does not wait for it to be processed.
    case producer
    /// Processes a message taken from a queue.
    case consumer
}

/// How a span ended (OpenTelemetry Trace API, "Set Status"). An unset status is the absence of one.
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
    /// Says why, for an error only.
    public var message: String?

    /// Creates a status.
    public init(code: Code, message: String? = nil) {
        self.code = code
        self.message = message
    }
}

/// Something that happened at one moment of a span (OpenTelemetry Trace API, "Add Events").
public struct SpanEvent: Sendable, Hashable {
    /// The event's name, `exception` for a recorded error.
    public var name: String
    /// The event's attributes.
    public var attributes: SpanAttributes
    /// When it happened: nanoseconds since the Unix epoch; `nil` for the moment it is added.
    public var nanosecondsSinceEpoch: UInt64?

    /// Creates an event.
    public init(name: String, at nanosecondsSinceEpoch: UInt64? = nil, attributes: SpanAttributes = [:]) {
        self.name = name
        self.attributes = attributes
        self.nanosecondsSinceEpoch = nanosecondsSinceEpoch
    }
}

extension SpanEvent: ExpressibleByStringLiteral {
    /// An event of that name, at the moment it is added.
    public init(stringLiteral name: String) { self.init(name: name) }
}

/// A causal reference from one span to another that is not its parent (OpenTelemetry Trace API, "Link").
public struct SpanLink: Sendable {
    /// The context of the span linked to.
    public let context: ServiceContext
    /// The link's attributes.
    public let attributes: SpanAttributes

    /// Creates a link.
    public init(context: ServiceContext, attributes: SpanAttributes = [:]) {
        self.context = context
        self.attributes = attributes
    }
}

/// One operation of a trace. Implementations are safe to use from any thread; changes after ``end(at:)`` are ignored.
public protocol Span: AnyObject, Sendable {
    /// The context to hand to child operations: it holds this span.
    var context: ServiceContext { get }
    /// The span's name; low cardinality, such as `POST /v1/tasks`.
    var operationName: String { get set }
    /// The span's attributes. Setting one on a span that does not record does nothing.
    var attributes: SpanAttributes { get set }
    /// Whether what is set here will be exported; `false` for an unsampled span.
    var isRecording: Bool { get }

    /// Sets the status. `ok` is final; an error never overrides it.
    func setStatus(_ status: SpanStatus)
    /// Adds an event.
    func addEvent(_ event: SpanEvent)
    /// Adds an `exception` event for `error` (semantic conventions: `exception.type`, `exception.message`).
    func recordError(_ error: any Error, attributes: SpanAttributes)
    /// Adds a link.
    func addLink(_ link: SpanLink)
    /// Ends the span; only the first call counts.
    /// - Parameter nanosecondsSinceEpoch: the end; `nil` for now.
    func end(at nanosecondsSinceEpoch: UInt64?)
}

extension Span {
    /// Ends the span now.
    public func end() { end(at: nil) }

    /// Changes several attributes at once: the span is locked once for reading and once for writing.
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
