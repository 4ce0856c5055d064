import EventLoop
import Logging
import Synchronization
import Tracing

/// What belongs to one request besides the message: its route, its ids, where to log, when to give up.
public struct RequestContext: Sendable {
    /// The template of the route, such as `/v1/tasks/{id}`; `nil` if none matched. Known before any middleware runs.
    public var endpointPath: String?
    /// The values of the template's parameters, percent-decoded.
    public var parameters: Parameters
    /// The request's id, taken from `x-request-id` or made by middleware; empty until then.
    public var id: String
    /// Where to log.
    public var logger: Logger
    /// When the caller stops waiting; `nil` if it said nothing.
    public var deadline: ContinuousClock.Instant?
    /// Runs what is to happen once the response has been written.
    public let completion: ResponseCompletion
    /// The loop that owns the connection.
    public let eventLoop: EventLoop?

    /// Creates a context.
    public init(
        endpointPath: String? = nil, parameters: Parameters = Parameters(), id: String = "", logger: Logger,
        deadline: ContinuousClock.Instant? = nil, completion: ResponseCompletion = ResponseCompletion(),
        eventLoop: EventLoop? = nil
    ) {
        self.endpointPath = endpointPath
        self.parameters = parameters
        self.id = id
        self.logger = logger
        self.deadline = deadline
        self.completion = completion
        self.eventLoop = eventLoop
    }
}

/// The values of a route's parameters.
public struct Parameters: Sendable {
    private var values: [(name: String, value: String)] = []

    /// Creates an empty set.
    public init() {}

    /// The value of `name`.
    public subscript(_ name: String) -> String? {
        get { values.first { $0.name == name }?.value }
        set {
            values.removeAll { $0.name == name }
            if let newValue { values.append((name, newValue)) }
        }
    }

    /// The value of `name`.
    /// - Throws: ``HTTPError`` 400 if the route has no such parameter.
    public func require(_ name: String) throws -> String {
        guard let value = self[name] else { throw HTTPError(.badRequest, message: "missing parameter \(name)") }
        return value
    }
}

/// Runs handlers once the response is over, the last added first: request log, metrics, then the end of the span.
/// Safe to use from any thread.
public final class ResponseCompletion: Sendable {
    /// How the response ended.
    public struct Outcome: Sendable, Equatable {
        /// Whether the whole response was written; `false` if the peer went away or the server gave up.
        public var written: Bool
        /// The status that was sent.
        public var status: HTTPStatus
        /// The size of the body in bytes.
        public var bodySize: Int

        /// Creates an outcome.
        public init(written: Bool, status: HTTPStatus, bodySize: Int) {
            self.written = written
            self.status = status
            self.bodySize = bodySize
        }
    }

    private let handlers = Mutex<[@Sendable (Outcome) -> Void]>([])

    /// Creates an empty list.
    public init() {}

    /// Adds a handler.
    public func onComplete(_ handler: @escaping @Sendable (Outcome) -> Void) {
        handlers.withLock { $0.append(handler) }
    }

    /// Runs all handlers; a second call does nothing. The server calls this.
    public func complete(_ outcome: Outcome) {
        let all = handlers.withLock { handlers in
            defer { handlers = [] }
            return handlers
        }
        for handler in all.reversed() { handler(outcome) }
    }
}

extension ServiceContext {
    private enum RequestIDKey: ServiceContextKey { typealias Value = String }
    private enum DeadlineKey: ServiceContextKey { typealias Value = ContinuousClock.Instant }

    /// The id of the request being served: on every log line and passed on to upstreams as `x-request-id`.
    public var requestID: String? {
        get { self[RequestIDKey.self] }
        set { self[RequestIDKey.self] = newValue }
    }

    /// When the caller stops waiting: bounds every upstream call and is passed on as `x-request-timeout-ms`.
    public var deadline: ContinuousClock.Instant? {
        get { self[DeadlineKey.self] }
        set { self[DeadlineKey.self] = newValue }
    }
}
