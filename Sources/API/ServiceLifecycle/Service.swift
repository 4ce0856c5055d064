/// A part of a process that runs until it is told to stop: swift-service-lifecycle's protocol of that name.
public protocol Service: Sendable {
    /// Runs the service. Returns when graceful shutdown was asked for and the service has finished what it had begun;
    /// throws when it cannot go on.
    func run() async throws
}
