import Tracing
import Vocabulary

/// Reads and writes trace context in header fields.
public struct HTTPFieldsCarrier: Extractor, Injector {
    /// Creates the carrier.
    public init() {}
    /// The field's value; multiple values are joined with `, `.
    public func extract(key: String, from carrier: HTTPFields) -> String? { carrier[key] }
    /// Sets the field.
    public func inject(_ value: String, forKey key: String, into carrier: inout HTTPFields) { carrier[key] = value }
}

/// Captures only the `traceparent` that a tracer injects. This gives the ids of the active span without a dependency on
/// the SDK.
struct TraceParentCapture: Injector {
    func inject(_ value: String, forKey key: String, into carrier: inout String?) {
        if key == Header.traceParent { carrier = value }
    }
}

extension Tracer {
    /// The active span as a `traceparent` value; `nil` if the tracer propagates none.
    func traceParent(of context: ServiceContext) -> String? {
        var result: String?
        inject(context, into: &result, using: TraceParentCapture())
        return result
    }
}

/// The trace id in a `traceparent` value that a tracer wrote.
package func traceID(inTraceParent value: String) -> String { String(Substring(value.utf8.dropFirst(3).prefix(32))) }
