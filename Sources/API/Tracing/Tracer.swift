/// Makes spans and carries their context across process boundaries. Implementations are safe to use from any thread.
public protocol Tracer: Instrument {
    /// Starts a span. It is the child of the span in `context`, or a new root if there is none.
    /// - Parameters:
    ///   - operationName: low-cardinality name, such as `POST /v1/tasks`.
    ///   - context: where the span belongs.
    ///   - kind: the role of the span.
    ///   - nanosecondsSinceEpoch: the start; `nil` for now.
    ///   - attributes: those known at the start, which a sampler may look at.
    func startSpan(
        _ operationName: String, context: ServiceContext, ofKind kind: SpanKind, at nanosecondsSinceEpoch: UInt64?,
        attributes: SpanAttributes
    ) -> any Span
}

extension Tracer {
    /// Starts a span in the current context. The caller must end it.
    public func startSpan(
        _ operationName: String, context: ServiceContext? = nil, ofKind kind: SpanKind = .internal,
        attributes: SpanAttributes = [:]
    ) -> any Span {
        startSpan(
            operationName, context: context ?? .current ?? .topLevel, ofKind: kind, at: nil, attributes: attributes)
    }

    /// Runs `operation` inside a new span: its context is current meanwhile, an error thrown is recorded and sets the
    /// status, and the span ends when the operation does.
    public func withSpan<T>(
        _ operationName: String, context: ServiceContext? = nil, ofKind kind: SpanKind = .internal,
        attributes: SpanAttributes = [:], _ operation: (any Span) throws -> T
    ) rethrows -> T {
        let span = startSpan(operationName, context: context, ofKind: kind, attributes: attributes)
        defer { span.end() }
        return try ServiceContext.withValue(span.context) {
            do {
                return try operation(span)
            } catch {
                span.fail(error)
                throw error
            }
        }
    }

    /// Runs an asynchronous `operation` inside a new span; as the synchronous form.
    public func withSpan<T>(
        _ operationName: String, context: ServiceContext? = nil, ofKind kind: SpanKind = .internal,
        attributes: SpanAttributes = [:], _ operation: (any Span) async throws -> T
    ) async rethrows -> T {
        let span = startSpan(operationName, context: context, ofKind: kind, attributes: attributes)
        defer { span.end() }
        return try await ServiceContext.withValue(span.context) {
            do {
                return try await operation(span)
            } catch {
                span.fail(error)
                throw error
            }
        }
    }
}
