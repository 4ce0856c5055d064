import Encoding
import Synchronization
import TraceContext
import Tracing
import Vocabulary

/// A recording span (OpenTelemetry Trace SDK, "Span"). Created by ``OTelTracer``. Safe to use from any thread.
public final class OTelSpan: Span {
    /// The context for child operations, which contains this span.
    public let context: ServiceContext

    private let tracer: OTelTracer
    /// The offset from the monotonic clock to the wall clock at the start.
    private let clockOffset: UInt64
    private let lock = Mutex<Void>(())
    // Both are safe because what changes is only accessed while `lock` is held, and nothing changes after the end. They
    // are not inside the mutex because `attributes` lends its storage across a yield, which `withLock` cannot do, and
    // copying the attributes for each change would cost more than the rest of the span. The lock makes accesses
    // exclusive, so the run-time check for that, which costs a heap allocation here, is unnecessary.
    @exclusivity(unchecked) nonisolated(unsafe) private var data: SpanData
    @exclusivity(unchecked) nonisolated(unsafe) private var isEnded = false

    init(
        tracer: OTelTracer, name: String, context: ServiceContext, spanContext: SpanContext, parent: SpanID?,
        parentIsRemote: Bool, kind: SpanKind, startTime: UInt64?, attributes: SpanAttributes
    ) {
        self.tracer = tracer
        self.context = context
        let now: UInt64
        (now, clockOffset) = tracer.clock.start()
        var attributes = attributes
        let dropped = tracer.limits.apply(to: &attributes)
        data = SpanData(
            context: spanContext, parentSpanID: parent, parentIsRemote: parentIsRemote, name: name, kind: kind,
            startTime: startTime ?? now, endTime: 0, attributes: attributes, droppedAttributesCount: dropped)
    }

    // These never change, so they need no lock.

    /// The span's identity.
    public var spanContext: SpanContext { data.context }
    /// The parent, or `nil` for a root.
    public var parentSpanID: SpanID? { data.parentSpanID }
    /// Whether the parent is in another process.
    public var parentIsRemote: Bool { data.parentIsRemote }
    /// The role of the span.
    public var kind: SpanKind { data.kind }
    /// The start, in nanoseconds since the Unix epoch.
    public var startTime: UInt64 { data.startTime }

    /// The span's name.
    public var operationName: String {
        get { locked { data.name } }
        set { locked { if !isEnded { data.name = newValue } } }
    }

    /// The span's attributes, modified in place. The lock is held during the modification.
    public var attributes: SpanAttributes {
        get { locked { data.attributes } }
        @inline(__always) _modify {
            // Keep what lives across the yield small: beyond four words it is allocated on the heap.
            lock._unsafeLock()
            if isEnded {
                var discarded = data.attributes
                lock._unsafeUnlock()
                yield &discarded
            } else {
                yield &data.attributes
                data.droppedAttributesCount += tracer.limits.apply(to: &data.attributes)
                lock._unsafeUnlock()
            }
        }
    }

    /// Whether the span has not ended yet.
    public var isRecording: Bool { locked { !isEnded } }

    /// Sets the status. `ok` is final and is not overridden by an error. Only an error keeps its message.
    public func setStatus(_ status: SpanStatus) {
        locked {
            guard !isEnded, data.status?.code != .ok else { return }
            data.status = status.code == .ok ? SpanStatus(code: .ok) : status
        }
    }

    /// Adds an event, with the current time unless it has one.
    public func addEvent(_ event: SpanEvent) {
        var event = event
        if event.nanosecondsSinceEpoch == nil { event.nanosecondsSinceEpoch = tracer.clock.now(offset: clockOffset) }
        // SpanEvent has no field for the number of dropped attributes.
        _ = tracer.limits.apply(to: &event.attributes, count: tracer.limits.attributeCountPerEvent)
        locked {
            guard !isEnded else { return }
            if data.events.count < tracer.limits.eventCount {
                data.events.append(event)
            } else {
                data.droppedEventsCount += 1
            }
        }
    }

    /// Adds an `exception` event (semantic conventions, "Exceptions on spans"). `attributes` take precedence over the
    /// generated ones.
    public func recordError(_ error: any Error, attributes: SpanAttributes) {
        guard isRecording else { return }
        var all: SpanAttributes = [
            Attribute.exceptionType: .string(ErrorTypeName.of(error)),
            Attribute.exceptionMessage: .string(String(describing: error)),
        ]
        if let text = (error as? any StackTraceError)?.stackTrace, !text.isEmpty {
            all[Attribute.exceptionStackTrace] = .string(text)
        }
        all.merge(attributes)
        addEvent(SpanEvent(name: "exception", attributes: all))
    }

    /// Adds a link.
    public func addLink(_ link: SpanLink) {
        var attributes = link.attributes
        // SpanLink has no field for the number of dropped attributes.
        _ = tracer.limits.apply(to: &attributes, count: tracer.limits.attributeCountPerLink)
        let link = SpanLink(context: link.context, attributes: attributes)
        locked {
            guard !isEnded else { return }
            if data.links.count < tracer.limits.linkCount {
                data.links.append(link)
            } else {
                data.droppedLinksCount += 1
            }
        }
    }

    /// Ends the span and passes it to the processor. Only the first call has an effect. An end time before the start is
    /// replaced by the start time.
    public func end(at nanosecondsSinceEpoch: UInt64?) {
        let endTime = max(nanosecondsSinceEpoch ?? tracer.clock.now(offset: clockOffset), startTime)
        let isFirst = locked {
            guard !isEnded else { return false }
            isEnded = true
            data.endTime = endTime
            return true
        }
        guard isFirst else { return }
        // Not under the lock, because a processor may look at the span it came from. Nothing changes `data` any more.
        withUnsafePointer(to: &data) { tracer.processor.onEnd(EndedSpan($0)) }
    }

    @inline(__always)
    private func locked<Result>(_ body: () -> Result) -> Result {
        lock._unsafeLock()
        defer { lock._unsafeUnlock() }
        return body()
    }
}
