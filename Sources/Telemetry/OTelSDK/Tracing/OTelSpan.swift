import Encoding
import Synchronization
import TraceContext
import Tracing
import Vocabulary

/// A recording span (OpenTelemetry Trace SDK, "Span"). Created by ``OTelTracer``. Safe to use from any thread.
public final class OTelSpan: Span {
    /// The context for child operations, which contains this span.
    public let context: ServiceContext
    /// The span's identity.
    public let spanContext: SpanContext
    /// The parent, or `nil` for a root.
    public let parentSpanID: SpanID?
    /// Whether the parent is in another process.
    public let parentIsRemote: Bool
    /// The role of the span.
    public let kind: SpanKind
    /// The start, in nanoseconds since the Unix epoch.
    public let startTime: UInt64

    private let tracer: OTelTracer
    /// The offset from the monotonic clock to the wall clock at the start.
    private let clockOffset: UInt64
    private let lock = Mutex<Void>(())
    // Both are safe because they are only accessed while `lock` is held. They are not inside the mutex because
    // `attributes` lends its storage across a yield, which `withLock` cannot do, and copying the attributes for each
    // change would cost more than the rest of the span. The lock makes accesses exclusive, so the run-time check for
    // that, which costs a heap allocation here, is unnecessary.
    @exclusivity(unchecked) nonisolated(unsafe) private var storedAttributes: SpanAttributes
    @exclusivity(unchecked) nonisolated(unsafe) private var state: State

    private struct State {
        var name: String
        var droppedAttributes = 0
        var events: [SpanEvent] = []
        var droppedEvents = 0
        var links: [SpanLink] = []
        var droppedLinks = 0
        var status: SpanStatus?
        var isEnded = false
    }

    init(
        tracer: OTelTracer, name: String, context: ServiceContext, spanContext: SpanContext, parent: SpanContext?,
        kind: SpanKind, startTime: UInt64?, attributes: SpanAttributes
    ) {
        self.tracer = tracer
        self.context = context
        self.spanContext = spanContext
        parentSpanID = parent?.spanID
        parentIsRemote = parent?.isRemote ?? false
        self.kind = kind
        let now: UInt64
        (now, clockOffset) = tracer.clock.start()
        self.startTime = startTime ?? now
        var attributes = attributes
        let dropped = tracer.limits.apply(to: &attributes)
        storedAttributes = attributes
        state = State(name: name, droppedAttributes: dropped)
    }

    /// The span's name.
    public var operationName: String {
        get { withState { $0.name } }
        set { withState { if !$0.isEnded { $0.name = newValue } } }
    }

    /// The span's attributes, modified in place. The lock is held during the modification.
    public var attributes: SpanAttributes {
        get {
            lock._unsafeLock()
            defer { lock._unsafeUnlock() }
            return storedAttributes
        }
        @inline(__always) _modify {
            // Keep what lives across the yield small: beyond four words it is allocated on the heap.
            lock._unsafeLock()
            let final: SpanAttributes? = state.isEnded ? storedAttributes : nil
            yield &storedAttributes
            finishChange(restoring: final)
            lock._unsafeUnlock()
        }
    }

    @inline(never)
    private func finishChange(restoring final: SpanAttributes?) {
        if let final {
            storedAttributes = final
        } else {
            state.droppedAttributes += tracer.limits.apply(to: &storedAttributes)
        }
    }

    /// Whether the span has not ended yet.
    public var isRecording: Bool { withState { !$0.isEnded } }

    /// Sets the status. `ok` is final and is not overridden by an error. Only an error keeps its message.
    public func setStatus(_ status: SpanStatus) {
        withState {
            guard !$0.isEnded, $0.status?.code != .ok else { return }
            $0.status = status.code == .ok ? SpanStatus(code: .ok) : status
        }
    }

    /// Adds an event, with the current time unless it has one.
    public func addEvent(_ event: SpanEvent) {
        var event = event
        if event.nanosecondsSinceEpoch == nil { event.nanosecondsSinceEpoch = tracer.clock.now(offset: clockOffset) }
        // SpanEvent has no field for the number of dropped attributes.
        _ = tracer.limits.apply(to: &event.attributes, count: tracer.limits.attributeCountPerEvent)
        withState {
            guard !$0.isEnded else { return }
            if $0.events.count < tracer.limits.eventCount {
                $0.events.append(event)
            } else {
                $0.droppedEvents += 1
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
        withState {
            guard !$0.isEnded else { return }
            if $0.links.count < tracer.limits.linkCount {
                $0.links.append(link)
            } else {
                $0.droppedLinks += 1
            }
        }
    }

    /// Ends the span and passes it to the processor. Only the first call has an effect. An end time before the start is
    /// replaced by the start time.
    public func end(at nanosecondsSinceEpoch: UInt64?) {
        let endTime = max(nanosecondsSinceEpoch ?? tracer.clock.now(offset: clockOffset), startTime)
        lock._unsafeLock()
        let isFirst = !state.isEnded
        state.isEnded = true
        let (attributes, final) = (storedAttributes, state)
        lock._unsafeUnlock()
        guard isFirst else { return }
        tracer.processor.onEnd(
            SpanData(
                context: spanContext, parentSpanID: parentSpanID, parentIsRemote: parentIsRemote, name: final.name,
                kind: kind, startTime: startTime, endTime: endTime, attributes: attributes,
                droppedAttributesCount: final.droppedAttributes, events: final.events,
                droppedEventsCount: final.droppedEvents, links: final.links, droppedLinksCount: final.droppedLinks,
                status: final.status))
    }

    @inline(__always)
    private func withState<Result>(_ body: (inout State) -> Result) -> Result {
        lock._unsafeLock()
        defer { lock._unsafeUnlock() }
        return body(&state)
    }
}
