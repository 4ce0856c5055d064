import TraceContext
import Tracing

/// A span that has ended, lent to a processor for the time of a call (OpenTelemetry Trace SDK, "Readable span").
///
/// It reads the span's own memory. A processor that keeps a span takes a copy, ``data``.
public struct EndedSpan: ~Copyable {
    /// The span, which nobody changes any more.
    let pointer: UnsafePointer<SpanData>

    init(_ pointer: UnsafePointer<SpanData>) { self.pointer = pointer }

    /// The span's identity.
    public var context: SpanContext { pointer.pointee.context }
    /// Whether the span is meant to be exported.
    public var isSampled: Bool { pointer.pointee.context.traceFlags.contains(.sampled) }
    /// The attributes.
    public var attributes: SpanAttributes { pointer.pointee.attributes }
    /// A copy of the span.
    public var data: SpanData { pointer.pointee }
}

extension SpanProcessor {
    /// Passes a copy to ``onEnd(_:)-(SpanData)``.
    public func onEnd(_ span: borrowing EndedSpan) { onEnd(span.data) }
}

extension SpanData {
    /// Lends the span to `body`.
    func lend(to body: (borrowing EndedSpan) -> Void) {
        withUnsafePointer(to: self) { body(EndedSpan($0)) }
    }
}
