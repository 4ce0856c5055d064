import EventLoop
import Glibc

/// Sends requests over connections that an event loop drives. Requests that were made in a turn of the loop leave at its
/// end, once what the turn has written to databases is committed. Unchecked: used on the loop's thread only.
final class ClientDriver: @unchecked Sendable {
    typealias Watching =
        (Int32, EventLoop.Interest, @escaping (EventLoop.Interest) -> Void) throws -> EventLoop.Watch

    let loop: EventLoop
    let configuration: HTTPClient.Configuration
    let resolver: NameResolver
    /// Starts to watch a descriptor, like ``EventLoop/watch(_:for:_:)``.
    let startWatching: Watching
    /// What has just been read from a socket.
    let inputBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
    private var endpoints: [ClientEndpoint] = []
    /// All calls that have begun and not ended.
    private var calls: [ClientCall] = []
    /// Those that have begun last and wait for the turn's commit.
    private var batch: Batch?
    private var isShutDown = false
    private var deadlineTimer: (timer: EventLoop.Timer, due: ContinuousClock.Instant)?

    /// Origins that are remembered at once. Normally there are few, unless a caller uses one address after another.
    private static let maximumEndpoints = 256

    init(
        loop: EventLoop, configuration: HTTPClient.Configuration, resolver: NameResolver? = nil,
        watch: Watching? = nil
    ) {
        self.loop = loop
        self.configuration = configuration
        self.resolver = resolver ?? NameResolver(loop: loop)
        startWatching = watch ?? { [unowned loop] in try loop.watch($0, for: $1, $2) }
    }

    deinit { inputBuffer.deallocate() }

    // MARK: Calls

    func begin(_ call: ClientCall, timeout: Duration) {
        guard !call.isCancelled else { return call.finish(.failure(CancellationError())) }
        guard !isShutDown else { return call.finish(.failure(HTTPClientError.alreadyShutdown)) }
        guard let endpoint = endpoint(of: call.request.url) else {
            return call.finish(.failure(HTTPClientError.invalidURL(call.request.url)))
        }
        call.endpoint = endpoint
        call.deadline = .now + timeout
        call.index = calls.count
        calls.append(call)
        watchDeadline(call.deadline, in: timeout)
        queue(call)
    }

    /// Calls that leave together, after the commit of what was written before them.
    private final class Batch: TurnOutput {
        let driver: ClientDriver
        let round: UInt64
        var calls: [ClientCall] = []

        init(_ driver: ClientDriver) {
            self.driver = driver
            round = driver.loop.outputRound
        }

        func sendOutput() {
            leave()
            driver.send(calls)
        }

        func discardOutput(_ error: any Error) {
            leave()
            guard driver.configuration.waitsForCommits else { return driver.send(calls) }
            for call in calls { driver.end(call, .failure(HTTPClientError.heldBack(String(describing: error)))) }
        }

        /// Else the two would keep each other, and the loop, for ever.
        private func leave() {
            if driver.batch === self { driver.batch = nil }
        }
    }

    /// A call that is made while the turn's outputs are being sent depends on the next commit.
    private func queue(_ call: ClientCall) {
        if let batch, batch.round == loop.outputRound {
            batch.calls.append(call)
            return
        }
        let batch = Batch(self)
        batch.calls.append(call)
        self.batch = batch
        loop.sendAtEndOfTurn(batch)
    }

    private func send(_ begun: [ClientCall]) {
        for call in begun where !call.isOver {
            // An endpoint without any connection may have given way to others since the call began.
            if call.endpoint == nil { call.endpoint = endpoint(of: call.request.url) }
            call.endpoint?.run(call)
        }
    }

    /// Ends a call that no connection carries any more.
    func end(_ call: ClientCall, _ result: Result<HTTPClient.Response, any Error>) {
        if let index = call.index {
            call.index = nil
            let last = calls.removeLast()
            if last !== call {
                calls[index] = last
                last.index = index
            }
        }
        if call.isWaiting { call.endpoint?.stoppedWaiting(call) }
        call.finish(result)
    }

    func cancel(_ call: ClientCall) {
        call.isCancelled = true
        abort(call, CancellationError())
    }

    /// Ends a call before its response is complete.
    private func abort(_ call: ClientCall, _ error: any Error) {
        guard !call.isOver, call.index != nil else { return }
        // A request that was sent cannot be taken back, and its response must not be taken for the next one's.
        if let connection = call.connection { connection.fail(error) } else { end(call, .failure(error)) }
    }

    /// Ends several calls, those that wait first: the end of any other makes room for a waiting one, which would be sent
    /// only to be aborted.
    private func abort(_ calls: [ClientCall], _ error: any Error) {
        for call in calls where call.connection == nil { abort(call, error) }
        for call in calls { abort(call, error) }
    }

    func shutdown() {
        guard !isShutDown else { return }
        isShutDown = true
        abort(calls, HTTPClientError.alreadyShutdown)
        for endpoint in endpoints { endpoint.closeAll() }
        endpoints = []
        deadlineTimer?.timer.cancel()
        deadlineTimer = nil
    }

    // MARK: Endpoints

    private func endpoint(of url: String) -> ClientEndpoint? {
        for endpoint in endpoints where endpoint.origin.isOrigin(of: url) { return endpoint }
        guard let origin = HTTPOrigin(url) else { return nil }
        if endpoints.count >= Self.maximumEndpoints { endpoints.removeAll { $0.closeIfUnused() } }
        let endpoint = ClientEndpoint(origin, driver: self)
        endpoints.append(endpoint)
        return endpoint
    }

    // MARK: Deadlines

    /// One timer serves all calls: most calls end long before, so it is seldom moved.
    private func watchDeadline(_ deadline: ContinuousClock.Instant, in timeout: Duration) {
        if let deadlineTimer, deadlineTimer.due <= deadline { return }
        deadlineTimer?.timer.cancel()
        let timer = loop.schedule(after: timeout) { [unowned self] in
            endOverdueCalls()
        } onAbandon: { [weak self] in
            // The loop ends, and with it everything that could answer a call.
            self?.shutdown()
        }
        deadlineTimer = (timer, deadline)
    }

    private func endOverdueCalls() {
        deadlineTimer = nil
        let now = ContinuousClock.now
        abort(calls.filter { $0.deadline <= now }, HTTPClientError.timeout)
        if let next = calls.lazy.map(\.deadline).min() { watchDeadline(next, in: max(next - now, .zero)) }
    }
}
