import EventLoop

/// One call of ``HTTPClient/execute(_:timeout:)``.
///
/// Unchecked: the continuation is set before the call is handed to the loop. After that, only the loop's thread touches
/// it (or the caller's thread, if the loop has ended).
final class ClientCall: @unchecked Sendable {
    var continuation: UnsafeContinuation<HTTPClient.Response, any Error>?
    var transfer: ClientTransfer?
    /// Set while the call waits for the addresses of its host.
    var lookup: (waiter: NameResolver.Waiter, timer: EventLoop.Timer)?
    /// The part of the URL that identifies the host.
    var host: Substring = ""
    /// The host, if it is given by name.
    var name: HostName?
    /// Continues the call; set while it waits for other calls to the same host to end.
    var turn: (() -> Void)?
    /// The timer that ends this wait.
    var patience: EventLoop.Timer?
    /// Whether the call counts towards its host's active calls.
    var hasPlace = false
    var isCancelled = false

    /// Ends the call. Further calls do nothing.
    func finish(_ result: Result<HTTPClient.Response, any Error>) {
        guard let continuation else { return }
        self.continuation = nil
        continuation.resume(with: result)
    }
}
