import EventLoop

/// One call of ``HTTPClient/execute(_:timeout:)``.
///
/// Unchecked: the continuation is set before the call is handed to the loop; then the loop's thread alone touches it
/// (or the caller's, when the loop has ended).
final class ClientCall: @unchecked Sendable {
    var continuation: UnsafeContinuation<HTTPClient.Response, any Error>?
    var transfer: ClientTransfer?
    /// Set while the addresses of the host are waited for.
    var lookup: (waiter: NameResolver.Waiter, timer: EventLoop.Timer)?
    /// The part of the URL that says which host is called.
    var host: Substring = ""
    /// The host, if it is called by name.
    var name: HostName?
    /// Goes on with the call; set while it waits until fewer calls of its host are under way.
    var turn: (() -> Void)?
    /// Ends that wait.
    var patience: EventLoop.Timer?
    /// Whether it counts among the calls of its host that are under way.
    var hasPlace = false
    var isCancelled = false

    /// Ends the call; a second time does nothing.
    func finish(_ result: Result<HTTPClient.Response, any Error>) {
        guard let continuation else { return }
        self.continuation = nil
        continuation.resume(with: result)
    }
}
