/// A part of a process that runs until it is asked to stop. Modelled on swift-service-lifecycle's protocol of the same
/// name.
public protocol Service: Sendable {
    /// Runs the service. Returns when it has been asked to stop gracefully and has finished its work; throws if it
    /// cannot continue.
    func run() async throws
}
