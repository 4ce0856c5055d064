import EventLoop
import Logging
import Metrics
import ServiceTesting
import Synchronization
import Testing
import Tracing

@testable import HTTP

/// An address that does not answer, like a machine that is gone, and that answers again later.
@Suite("Addresses that do not answer")
struct SilentAddressTests {
    private static func run(
        connectTimeout: Duration = .milliseconds(60), _ body: (EventLoop, HTTPClient) async throws -> Void
    ) async throws {
        var configuration = HTTPClient.Configuration()
        configuration.connectTimeout = connectTimeout
        let loop = try EventLoop(name: "test")
        try loop.start()
        defer { loop.stop() }
        let client = HTTPClient(eventLoop: loop, configuration: configuration)
        let result: Result<Void, any Error>
        do { result = .success(try await body(loop, client)) } catch { result = .failure(error) }
        await client.shutdown()
        try result.get()
    }

    /// The descriptors of connections that were never established are reused for later ones.
    @Test func aSilentAddressIsUsedAgainOnceItAnswers() async throws {
        try await Self.run { loop, client in
            let peer = try Peer(.keepOpen, isSilent: true)
            for _ in 0..<6 {
                let error = await #expect(throws: HTTPClientError.self) {
                    _ = try await client.execute(HTTPClient.Request(url: peer.url))
                }
                #expect(error?.errorType == "connect_timeout" && error?.neverConnected == true)
            }
            peer.speak()
            for _ in 0..<10 {
                let answer = try await client.execute(HTTPClient.Request(url: peer.url))
                #expect(answer.body == Array("ok".utf8))
            }
            #expect(peer.connections == 1)
        }
    }

    @Test func aSilentAddressDoesNotAffectOthers() async throws {
        try await Self.run { loop, client in
            let (silent, other) = (try Peer(.keepOpen, isSilent: true), try Peer(.keepOpen))
            for _ in 0..<5 {
                let failing = Task { try await client.execute(HTTPClient.Request(url: silent.url)) }
                #expect(try await client.execute(HTTPClient.Request(url: other.url)).status == .ok)
                await #expect(throws: HTTPClientError.self) { _ = try await failing.value }
                #expect(try await client.execute(HTTPClient.Request(url: other.url)).status == .ok)
            }
        }
    }

    /// Waiting for another call to end does not count as connecting.
    @Test func aBusyHostIsNotSilent() async throws {
        var configuration = HTTPClient.Configuration()
        configuration.connectTimeout = .milliseconds(60)
        configuration.maximumConnectionsPerHost = 1
        let silent = try Peer(.keepOpen, isSilent: true)
        let gate = AsyncStream<Never>.makeStream()
        try await LiveServer.run(client: configuration) { router in
            router.get("/gate") { _, _ in
                for await _ in gate.stream {}
                return .text("open")
            }
            router.get("/next") { _, _ in .text("next") }
        } _: { live in
            let first = Task { try await live.get("/gate") }
            try await eventually { live.server.requestsInFlight == 1 }
            let following = (0..<3).map { _ in Task { try await live.get("/next") } }
            let cancelled = Task { try await live.get("/next") }
            // As long as connecting may take, and longer.
            for _ in 0..<2 {
                await #expect(throws: HTTPClientError.self) {
                    _ = try await live.client.execute(HTTPClient.Request(url: silent.url))
                }
            }
            await #expect(throws: HTTPClientError.timeout) {
                _ = try await live.client.execute(
                    HTTPClient.Request(url: live.url("/next")), timeout: .milliseconds(5))
            }
            cancelled.cancel()
            await #expect(throws: CancellationError.self) { try await cancelled.value }
            gate.continuation.finish()
            for task in [first] + following {
                let answer = try await task.value
                #expect(answer.status == .ok)
            }
        }
    }

    /// Nothing would ever advance a transfer whose socket is not watched, so it must not wait for its timeout.
    @Test func aSocketThatCannotBeWatchedFailsTheRequestAtOnce() async throws {
        let loop = try EventLoop(name: "test")
        try loop.start()
        defer { loop.stop() }
        let client = HTTPClient(
            driver: ClientDriver(loop: loop, configuration: HTTPClient.Configuration()) { _, _, _ in
                throw HTTPError(.serviceUnavailable, message: "no room")
            })
        let peer = try Peer(.keepOpen)
        for _ in 0..<3 {
            let error = await #expect(throws: HTTPClientError.self) {
                _ = try await client.execute(HTTPClient.Request(url: peer.url), timeout: .seconds(3600))
            }
            #expect(error?.description.contains("its socket cannot be watched") == true, "\(String(describing: error))")
        }
        await client.shutdown()
    }

    private static func upstream(
        _ peer: Peer, _ client: HTTPClient, _ loop: EventLoop, _ configuration: UpstreamClient.Configuration
    ) -> UpstreamClient {
        UpstreamClient(
            name: "peer", baseURL: "http://127.0.0.1:\(peer.port)", httpClient: client, eventLoop: loop,
            tracer: NoOpTracer(), logger: .noOp, metrics: NOOPMetricsHandler(), configuration: configuration,
            randomUInt64: { 0 })
    }

    @Test func callsToASilentAddressFailAtOnceUntilItAnswers() async throws {
        try await Self.run { loop, client in
            let peer = try Peer(.keepOpen, isSilent: true)
            let upstream = Self.upstream(peer, client, loop, UpstreamClient.Configuration())
            var reasons: [UpstreamError.Reason] = []
            for _ in 0..<20 {
                let error = await #expect(throws: UpstreamError.self) {
                    _ = try await upstream.send(.get, "/", template: "/")
                }
                #expect(error?.httpError.status == .badGateway)
                if let error { reasons.append(error.reason) }
            }
            // Two attempts waited in vain; the third, and most calls from then on, were not made.
            #expect(reasons.first == .circuitOpen)
            #expect(reasons.count { $0 == .circuitOpen } > 10)
            peer.speak()
            try await eventually { (try? await upstream.send(.get, "/", template: "/"))?.status == .ok }
            for _ in 0..<5 { #expect(try await upstream.send(.get, "/", template: "/").status == .ok) }
        }
    }

    @Test(arguments: [(Duration.zero, 1), (.seconds(60), 3)])
    func aCallTimesOutWithAllItsAttempts(timeForRetries: Duration, attempts: Int) async throws {
        try await Self.run { loop, client in
            let peer = try Peer(.keepSilent)
            var configuration = UpstreamClient.Configuration()
            configuration.timeout = .milliseconds(150)
            configuration.timeForRetries = timeForRetries
            configuration.backoff = .milliseconds(2)
            let upstream = Self.upstream(peer, client, loop, configuration)
            let error = await #expect(throws: UpstreamError.self) {
                _ = try await upstream.send(.get, "/", template: "/")
            }
            #expect(error?.reason == .timeout)
            try await eventually { peer.requests >= attempts }
            #expect(peer.requests == attempts)
        }
    }
}

@Suite("The circuit breaker")
struct CircuitBreakerTests {
    private final class Clock: Sendable {
        let start = ContinuousClock.now
        let elapsed = Mutex(Duration.zero)
        func advance(_ duration: Duration) { elapsed.withLock { $0 += duration } }
    }

    private let clock = Clock()
    private var breaker: CircuitBreaker {
        CircuitBreaker(threshold: 2, interval: .milliseconds(250)) { [clock] in
            clock.start + clock.elapsed.withLock { $0 }
        }
    }
    private static let silence = HTTPClientError.connectTimedOut("")
    private static let lost = HTTPClientError.timeout

    private func isAdmitted(_ breaker: CircuitBreaker) -> Bool {
        do {
            try breaker.enter()
            return true
        } catch { return false }
    }

    @Test func theBreakerOpensAfterTwoSilencesAndClosesOnAnAnswer() {
        let breaker = breaker
        #expect(breaker.leave(Self.silence) == .none)
        #expect(isAdmitted(breaker))
        #expect(breaker.leave(Self.silence) == .opened)
        #expect(!isAdmitted(breaker))
        clock.advance(.milliseconds(249))
        #expect(!isAdmitted(breaker))
        clock.advance(.milliseconds(1))
        // One in every interval, whatever became of the one before.
        #expect(isAdmitted(breaker) && !isAdmitted(breaker))
        clock.advance(.milliseconds(250))
        #expect(isAdmitted(breaker) && !isAdmitted(breaker))
        #expect(breaker.leave(Self.silence) == .none)
        #expect(!isAdmitted(breaker))
        #expect(breaker.leave(nil) == .closed)
        #expect(isAdmitted(breaker))
        // It counts anew.
        #expect(breaker.leave(Self.silence) == .none)
        #expect(isAdmitted(breaker))
    }

    /// After a while without calls nobody knows whether the address is still silent, so a burst is not refused.
    @Test func theBreakerAdmitsAllCallsAfterAPause() {
        let breaker = breaker
        _ = (breaker.leave(Self.silence), breaker.leave(Self.silence))
        clock.advance(.milliseconds(1249))
        #expect(isAdmitted(breaker) && !isAdmitted(breaker))
        clock.advance(.milliseconds(1250))
        #expect(isAdmitted(breaker) && isAdmitted(breaker))
        // Still silent: that is known already.
        #expect(breaker.leave(Self.silence) == .none)
        #expect(!isAdmitted(breaker))
        clock.advance(.seconds(2))
        #expect(isAdmitted(breaker) && isAdmitted(breaker))
        #expect(breaker.leave(Self.lost) == .none)
        #expect(breaker.leave(nil) == .closed)
        #expect(breaker.leave(nil) == .none)
        #expect(isAdmitted(breaker) && isAdmitted(breaker))
    }

    @Test(arguments: [nil, HTTPClientError.connectFailed("refused")]) func anyReactionOfThePeerResetsTheBreaker(
        _ error: HTTPClientError?
    ) {
        let breaker = breaker
        for _ in 0..<4 {
            #expect(breaker.leave(Self.silence) == .none)
            #expect(breaker.leave(error) == .none)
        }
        #expect(isAdmitted(breaker))
    }

    @Test(arguments: [HTTPClientError.timeout, .transferFailed("reset"), .bodyTooLarge, .alreadyShutdown])
    func anInterruptedRequestNeitherOpensNorClosesTheBreaker(_ error: HTTPClientError) {
        let breaker = breaker
        for _ in 0..<4 { #expect(breaker.leave(error) == .none) }
        #expect(isAdmitted(breaker))
        _ = breaker.leave(Self.silence)
        #expect(breaker.leave(Self.silence) == .opened)
        #expect(breaker.leave(error) == .none)
        #expect(!isAdmitted(breaker))
    }
}
