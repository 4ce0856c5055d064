import EventLoop
import HTTP
import Synchronization
import Vocabulary
import Workload

/// The client of the requests that the console sends itself, and their spans, which are the roots of their traces. Safe
/// to use from any thread.
final class Traffic: Sendable {
    let client: HTTPClient
    private let eventLoop: EventLoop
    private let otlp: @Sendable () -> String
    private let state = Mutex(State())

    private struct State {
        var spans: RootSpans?
        var isClosed = false
    }

    /// - Parameter otlp: where spans are taken over OTLP/HTTP.
    init(eventLoop: EventLoop, otlp: @escaping @Sendable () -> String) {
        var configuration = HTTPClient.Configuration()
        configuration.maximumConnectionsPerHost = 256
        client = HTTPClient(eventLoop: eventLoop, configuration: configuration)
        self.eventLoop = eventLoop
        self.otlp = otlp
    }

    /// Sends requests, and records a span for each.
    func transport() -> any HTTPTransport { spans()?.recording(client) ?? client }

    /// Sends the spans that are waiting.
    func flush() async { _ = await state.withLock { $0.spans }?.flush() }

    private func spans() -> RootSpans? {
        state.withLock { state in
            if state.spans == nil, !state.isClosed { state.spans = roots(.load) }
            return state.spans
        }
    }

    /// Spans of one undertaking, which finishes them itself.
    func roots(_ command: CallingCommand) -> RootSpans? {
        let environment = ["OTEL_EXPORTER_OTLP_ENDPOINT": otlp()]
        return RootSpans(RootSpans.configuration(command.rawValue, environment), eventLoop: eventLoop)
    }

    func shutdown() async {
        let spans = state.withLock { state in
            state.isClosed = true
            defer { state.spans = nil }
            return state.spans
        }
        _ = await spans?.finish()
        await client.shutdown()
    }
}
