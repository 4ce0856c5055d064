/// One call of ``HTTPClient/execute(_:timeout:)``.
///
/// Unchecked: the continuation is set before the call is handed to the loop. After that, only the loop's thread touches
/// it (or the caller's thread, if the loop has ended).
final class ClientCall: @unchecked Sendable {
    let request: HTTPClient.Request
    var continuation: UnsafeContinuation<HTTPClient.Response, any Error>?
    /// When the call ends with a timeout.
    var deadline = ContinuousClock.now
    /// Its place among the driver's calls; `nil` before it begins and after it has ended.
    var index: Int?
    weak var endpoint: ClientEndpoint?
    /// The connection that carries it; `nil` while it waits for one.
    weak var connection: ClientConnection?
    /// Whether it waits in its endpoint's queue.
    var isWaiting = false
    /// Whether it was sent on a connection that turned out to be closed: next time it must have a new one.
    var needsNewConnection = false
    /// Whether a connection that was lost may have carried it to the server.
    var mayHaveArrived = false
    var isCancelled = false

    init(_ request: HTTPClient.Request) { self.request = request }

    var isOver: Bool { continuation == nil }

    /// Resumes the caller. Further calls do nothing.
    func finish(_ result: Result<HTTPClient.Response, any Error>) {
        guard let continuation else { return }
        self.continuation = nil
        continuation.resume(with: result)
    }
}
