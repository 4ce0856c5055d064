import Synchronization
import Tracing

/// A span that records (OpenTelemetry Trace SDK, "Span"). Made by ``OTelTracer``; safe to use from any thread.
public final class OTelSpan: Span {
    /// The context to hand to child operations: it holds this span.
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
    private let anchor: TraceClock.Anchor
    private let lock = Mutex<Void>(())
    // Safe: read and written only while `lock` is held. It is not inside the mutex because `attributes` lends it out
    // across a yield, which `withLock` cannot do, and copying the attributes for each change would cost more than all
    // the rest of a span.
    nonisolated(unsafe) private var state: State

    private struct State {
        var name: String
        var attributes: SpanAttributes
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
        anchor = tracer.clock.anchor()
        self.startTime = startTime ?? anchor.wall
        var attributes = attributes
        let dropped = tracer.limits.apply(to: &attributes)
        state = State(name: name, attributes: attributes, droppedAttributes: dropped)
    }

    /// The span's name.
    public var operationName: String {
        get { withState { $0.name } }
        set { withState { if !$0.isEnded { $0.name = newValue } } }
    }

    /// The span's attributes, changed in place. The lock is held during the change.
    public var attributes: SpanAttributes {
        get { withState { $0.attributes } }
        _modify {
            lock._unsafeLock()
            defer { lock._unsafeUnlock() }
            if state.isEnded {
                var ignored = state.attributes
                yield &ignored
            } else {
                yield &state.attributes
                state.droppedAttributes += tracer.limits.apply(to: &state.attributes)
            }
        }
    }

    /// Whether the span has not ended yet.
    public var isRecording: Bool { withState { !$0.isEnded } }

    /// Sets the status. `ok` is final; an error never overrides it. Only an error keeps its message.
    public func setStatus(_ status: SpanStatus) {
        withState {
            guard !$0.isEnded, $0.status?.code != .ok else { return }
            $0.status = status.code == .ok ? SpanStatus(code: .ok) : status
        }
    }

    /// Adds an event, at this moment unless it has a time.
    public func addEvent(_ event: SpanEvent) {
        var event = event
        if event.nanosecondsSinceEpoch == nil { event.nanosecondsSinceEpoch = tracer.clock.now(since: anchor) }
        // SpanEvent has no place for the number of dropped attributes.
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

    /// Adds an `exception` event (semantic conventions, "Exceptions on spans"); `attributes` win over the ones made here.
    public func recordError(_ error: any Error, attributes: SpanAttributes) {
        guard isRecording else { return }
        var all: SpanAttributes = [
            "exception.type": .string(ErrorTypeName.of(error)), "exception.message": .string(String(describing: error)),
        ]
        if let error = error as? any StackTraceError { all["exception.stacktrace"] = .string(error.stackTrace) }
        all.merge(attributes)
        addEvent(SpanEvent(name: "exception", attributes: all))
    }

    /// Adds a link.
    public func addLink(_ link: SpanLink) {
        var attributes = link.attributes
        // SpanLink has no place for the number of dropped attributes.
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

    /// Ends the span and gives it to the processor; only the first call counts. An end before the start becomes the
    /// start.
    public func end(at nanosecondsSinceEpoch: UInt64?) {
        let endTime = max(nanosecondsSinceEpoch ?? tracer.clock.now(since: anchor), startTime)
        guard let data = finish(at: endTime) else { return }
        tracer.processor.onEnd(data)
    }

    private func finish(at endTime: UInt64) -> SpanData? {
        withState { state in
            guard !state.isEnded else { return nil }
            state.isEnded = true
            return SpanData(
                context: spanContext, parentSpanID: parentSpanID, parentIsRemote: parentIsRemote,
                name: state.name, kind: kind, startTime: startTime, endTime: endTime, attributes: state.attributes,
                droppedAttributesCount: state.droppedAttributes, events: state.events,
                droppedEventsCount: state.droppedEvents, links: state.links, droppedLinksCount: state.droppedLinks,
                status: state.status)
        }
    }

    @inline(__always)
    private func withState<Result>(_ body: (inout State) -> Result) -> Result {
        lock._unsafeLock()
        defer { lock._unsafeUnlock() }
        return body(&state)
    }
}
