import Synchronization

/// The process's tracer, used by the free functions ``startSpan(_:context:ofKind:attributes:)`` and
/// ``withSpan(_:context:ofKind:attributes:_:)``.
///
/// The modules of this project receive their tracer explicitly and never use this one, so that several services, each
/// with its own, can run in one process or test. Thread-safe.
public enum InstrumentationSystem {
    private static let bootstrapped = Mutex<(any Tracer)?>(nil)

    /// Sets the process's tracer. Call it once, at the start of the process. A second call ends the process.
    public static func bootstrap(_ tracer: any Tracer) {
        bootstrapped.withLock {
            precondition($0 == nil, "InstrumentationSystem is bootstrapped once a process")
            $0 = tracer
        }
    }

    /// The process's tracer; before ``bootstrap(_:)``, one that does nothing.
    public static var tracer: any Tracer { bootstrapped.withLock { $0 } ?? NoOpTracer() }
}

/// Starts a span with the process's tracer in the current context. The caller must end it.
public func startSpan(
    _ operationName: String, context: ServiceContext? = nil, ofKind kind: SpanKind = .internal,
    attributes: SpanAttributes = [:]
) -> any Span {
    InstrumentationSystem.tracer.startSpan(operationName, context: context, ofKind: kind, attributes: attributes)
}

/// Runs `operation` in a new span of the process's tracer; see ``Tracer/withSpan(_:context:ofKind:attributes:_:)``.
public func withSpan<T>(
    _ operationName: String, context: ServiceContext? = nil, ofKind kind: SpanKind = .internal,
    attributes: SpanAttributes = [:], _ operation: (any Span) throws -> T
) rethrows -> T {
    try InstrumentationSystem.tracer.withSpan(
        operationName, context: context, ofKind: kind, attributes: attributes, operation)
}

/// Runs an asynchronous `operation` in a new span of the process's tracer, like the synchronous version.
public func withSpan<T>(
    _ operationName: String, context: ServiceContext? = nil, ofKind kind: SpanKind = .internal,
    attributes: SpanAttributes = [:], _ operation: (any Span) async throws -> T
) async rethrows -> T {
    try await InstrumentationSystem.tracer.withSpan(
        operationName, context: context, ofKind: kind, attributes: attributes, operation)
}
