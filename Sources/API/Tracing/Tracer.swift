/// Creates spans and propagates their context across process boundaries. Implementations are safe to use from any
/// thread.
public protocol Tracer: Instrument {
    /// Starts a span, as a child of the span in `context`, or as a new root if there is none.
    /// - Parameters:
    ///   - operationName: a name of low cardinality, such as `POST /v1/tasks`.
    ///   - context: the context that the span belongs to.
    ///   - kind: the role of the span.
    ///   - nanosecondsSinceEpoch: the start time; `nil` for now.
    ///   - attributes: the attributes known at the start, which a sampler may use.
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

    /// Runs `operation` in a new span. The span's context is current during the operation. A thrown error is recorded
    /// and sets the status. The span ends with the operation.
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

    /// Runs an asynchronous `operation` in a new span, like the synchronous version.
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
