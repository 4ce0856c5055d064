import EventLoop
import Synchronization

/// Sends requests to `https:` URLs with libcurl, which blocks, on a few threads. Nothing is loaded or started before
/// the first request. Connections are kept open and reused. Safe to use from any thread.
final class CurlTransport: Sendable {
    private struct State {
        var pool: ThreadPool?
        var isShutDown = false
        var calls: [ObjectIdentifier: CurlCall] = [:]
        /// Transfers that wait for their next request, the one that was used last at the end.
        var idle: [CurlTransfer] = []
    }

    /// Telemetry needs one thread a signal; more than a few would only help a load generator.
    static let maximumThreads = 4
    private static let queueCapacity = 1024

    private let loop: EventLoop
    private let configuration: HTTPClient.Configuration
    private let library: CurlLibrary
    private let threadCount: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - eventLoop: where the timeouts run.
    ///   - library: where libcurl comes from.
    init(eventLoop: EventLoop, configuration: HTTPClient.Configuration, library: CurlLibrary = .system) {
        loop = eventLoop
        self.configuration = configuration
        self.library = library
        threadCount = min(max(configuration.maximumConnectionsPerHost, 1), Self.maximumThreads)
    }

    deinit {
        guard let pool = state.withLock({ $0.pool }) else { return }
        Task.detached { await pool.shutdown() }
    }

    /// Sends `request` as ``HTTPClient/execute(_:timeout:)`` does. A call that is cancelled or has no time left returns
    /// at once; its transfer ends soon after.
    /// - Throws: ``HTTPClientError``; `CancellationError` if the task was cancelled.
    func execute(_ request: HTTPClient.Request, timeout: Duration) async throws -> HTTPClient.Response {
        let (call, deadline) = (CurlCall(), ContinuousClock.now + timeout)
        return try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { continuation in
                if call.begin(continuation) { start(call, request, deadline) }
            }
        } onCancel: {
            call.finish(.failure(CancellationError()))
        }
    }

    /// Ends all calls with ``HTTPClientError/alreadyShutdown``, closes all connections and waits for the threads.
    func shutdown() async {
        let (calls, pool) = state.withLock { state in
            state.isShutDown = true
            defer { state.pool = nil }
            return ([CurlCall](state.calls.values), state.pool)
        }
        for call in calls { call.finish(.failure(HTTPClientError.alreadyShutdown)) }
        await pool?.shutdown()
        // Freed outside the lock.
        _ = state.withLock { state in
            defer { state.idle = [] }
            return state.idle
        }
    }

    /// A request that was made in a turn of the loop leaves at its end, like those over plain HTTP.
    private func start(_ call: CurlCall, _ request: HTTPClient.Request, _ deadline: ContinuousClock.Instant) {
        guard configuration.waitsForCommits, loop.inEventLoop else { return send(call, request, deadline) }
        loop.sendAtEndOfTurn(
            Departure { [self] failure in
                guard let failure else { return send(call, request, deadline) }
                call.finish(.failure(HTTPClientError.heldBack(String(describing: failure))))
            })
    }

    private func send(_ call: CurlCall, _ request: HTTPClient.Request, _ deadline: ContinuousClock.Instant) {
        let pool: ThreadPool
        do { pool = try enter(call) } catch { return call.finish(.failure(error)) }
        let task = Task(executorPreference: loop) { [loop] in
            defer { self.leave(call) }
            // Otherwise the loop has ended.
            guard loop.inEventLoop else { return call.finish(.failure(HTTPClientError.alreadyShutdown)) }
            // libcurl's own timeout does not cover the wait for a thread.
            let limit = loop.schedule(after: deadline - .now) { call.finish(.failure(HTTPClientError.timeout)) }
            defer { limit.cancel() }
            do {
                try await pool.run { self.perform(call, request, deadline) }
            } catch let error as ThreadPool.QueueFull {
                let reason = "too many https requests wait already: \(error)"
                call.finish(.failure(HTTPClientError.transferFailed(reason)))
            } catch {
                // The call was cancelled, which has ended it, or the pool is stopped.
                call.finish(.failure(HTTPClientError.alreadyShutdown))
            }
        }
        call.waits(in: task)
    }

    /// Runs on a thread of the pool.
    private func perform(_ call: CurlCall, _ request: HTTPClient.Request, _ deadline: ContinuousClock.Instant) {
        let transfer: CurlTransfer
        do { transfer = try take(request.tls) } catch { return call.finish(.failure(error)) }
        transfer.prepare()
        guard call.acquire(transfer) else { return giveBack(transfer) }
        let result = transfer.perform(request, deadline: deadline)
        call.release()
        giveBack(transfer)
        call.finish(result)
    }

    // MARK: Calls and transfers

    private func enter(_ call: CurlCall) throws -> ThreadPool {
        try state.withLock { state in
            guard !state.isShutDown else { throw HTTPClientError.alreadyShutdown }
            let pool: ThreadPool
            do {
                pool =
                    try state.pool
                    ?? ThreadPool(name: "https", threads: threadCount, queueCapacity: Self.queueCapacity)
            } catch {
                throw HTTPClientError.transferFailed("no thread can be started: \(error)")
            }
            state.pool = pool
            state.calls[ObjectIdentifier(call)] = call
            return pool
        }
    }

    private func leave(_ call: CurlCall) { state.withLock { $0.calls[ObjectIdentifier(call)] = nil } }

    /// A transfer for these certificates. One that has others is never used: its connections were made as somebody
    /// else.
    private func take(_ tls: HTTPClient.TLS) throws -> CurlTransfer {
        let known = state.withLock { state in
            state.idle.lastIndex { $0.tls == tls }.map { state.idle.remove(at: $0) }
        }
        if let known { return known }
        return try CurlTransfer(library.load(), configuration: configuration, tls: tls)
    }

    private func giveBack(_ transfer: CurlTransfer) {
        // Freed outside the lock.
        _ = state.withLock { state -> CurlTransfer? in
            guard !state.isShutDown else { return nil }
            state.idle.append(transfer)
            return state.idle.count > threadCount ? state.idle.removeFirst() : nil
        }
    }
}

/// The moment at which a turn of the loop is committed, or is not.
private final class Departure: TurnOutput {
    private let leave: (_ failure: (any Error)?) -> Void

    init(_ leave: @escaping (_ failure: (any Error)?) -> Void) { self.leave = leave }

    func sendOutput() { leave(nil) }
    func discardOutput(_ error: any Error) { leave(error) }
}
