import EventLoop
import Glibc
import ServiceTesting
import Synchronization
import Testing

@testable import HTTP

/// Answers for names; a lookup takes until the test lets it go.
private final class FakeNames: Sendable {
    private struct State {
        var asked: [String] = []
        var answers: [String: NameResolver.Answer] = [:]
        var isOpen: Bool
    }
    private let state: Mutex<State>

    init(isOpen: Bool = true) { state = Mutex(State(isOpen: isOpen)) }

    /// The names that were looked up, in order.
    var asked: [String] { state.withLock { $0.asked } }

    func set(_ host: String, _ answer: NameResolver.Answer) { state.withLock { $0.answers[host] = answer } }
    func open() { state.withLock { $0.isOpen = true } }

    func lookUp(_ host: String) -> NameResolver.Answer {
        state.withLock { $0.asked.append(host) }
        // On a thread of its own, like a name server that says nothing.
        while !state.withLock({ $0.isOpen }) { usleep(1000) }
        return state.withLock { $0.answers[host] } ?? .failure(NameError(description: "\(host)?", isTemporary: false))
    }
}

@Suite("The name resolver")
struct NameResolverTests {
    private static let noServer = NameError(description: "no server", isTemporary: true)

    /// Calls a resolver on its loop.
    private final class Fixture: Sendable {
        let loop: EventLoop
        let names: FakeNames
        let resolver: NameResolver
        private let elapsed = Mutex(Duration.zero)
        private let results = Mutex<[String]>([])

        init(_ names: FakeNames, _ configuration: NameResolver.Configuration = .init()) throws {
            self.names = names
            loop = try EventLoop(name: "names")
            try loop.start()
            let start = ContinuousClock.now
            let elapsed = Elapsed()
            self.time = elapsed
            resolver = NameResolver(
                loop: loop, configuration: configuration, lookUp: { names.lookUp($0) },
                now: { start + elapsed.value.withLock { $0 } })
        }

        private final class Elapsed: Sendable { let value = Mutex(Duration.zero) }
        private let time: Elapsed

        deinit { loop.stop() }

        func advance(by duration: Duration) { time.value.withLock { $0 += duration } }
        /// What those who waited were told, in order.
        var told: [String] { results.withLock { $0 } }

        func known(_ host: String) async throws -> String? {
            try await loop.perform { self.resolver.known(host).map(Self.text) }
        }
        @discardableResult func wait(_ host: String) async throws -> NameResolver.Waiter {
            try await loop.perform {
                self.resolver.wait(for: host) { answer in self.results.withLock { $0.append(Self.text(answer)) } }
            }
        }
        func perform(_ body: @escaping @Sendable (NameResolver) -> Void) async throws {
            try await loop.perform { body(self.resolver) }
        }
        private static func text(_ answer: NameResolver.Answer) -> String {
            switch answer {
            case .success(let addresses): addresses.joined(separator: " ")
            case .failure(let error): error.description
            }
        }
    }

    @Test func concurrentRequestsShareOneLookup() async throws {
        let names = FakeNames(isOpen: false)
        names.set("a", .success(["10.0.0.1", "10.0.0.2"]))
        let fixture = try Fixture(names)
        #expect(try await fixture.known("a") == nil)
        for _ in 0..<5 { try await fixture.wait("a") }
        let gone = try await fixture.wait("a")
        try await fixture.perform { $0.forget(gone) }
        names.open()
        try await eventually { fixture.told.count == 5 }
        #expect(Set(fixture.told) == ["10.0.0.1 10.0.0.2"])
        #expect(try await fixture.known("a") == "10.0.0.1 10.0.0.2")
        #expect(names.asked == ["a"])
    }

    @Test func anOldAnswerIsUsedWhileItIsRefreshed() async throws {
        let names = FakeNames()
        names.set("a", .success(["10.0.0.1"]))
        let fixture = try Fixture(names)
        try await fixture.wait("a")
        try await eventually { fixture.told == ["10.0.0.1"] }
        fixture.advance(by: .seconds(9))
        #expect(try await fixture.known("a") == "10.0.0.1")
        #expect(names.asked.count == 1)
        names.set("a", .success(["10.0.0.9"]))
        fixture.advance(by: .seconds(2))
        #expect(try await fixture.known("a") == "10.0.0.1")
        try await untilKnown("10.0.0.9", fixture)
        #expect(names.asked.count == 2)
    }

    private func untilKnown(_ text: String, _ fixture: Fixture) async throws {
        try await eventually { try await fixture.known("a") == text }
    }

    @Test func anAnswerOutlivesAFailingNameServerButNotANegativeAnswer() async throws {
        let names = FakeNames()
        names.set("a", .success(["10.0.0.1"]))
        let fixture = try Fixture(names)
        try await fixture.wait("a")
        try await eventually { fixture.told.count == 1 }
        names.set("a", .failure(Self.noServer))
        for round in 1...10 {
            fixture.advance(by: .seconds(29))
            // The lookup before may not have ended when the next one is due.
            try await eventually { try await fixture.known("a") == "10.0.0.1" && names.asked.count == round + 1 }
        }
        fixture.advance(by: .seconds(11))
        #expect(try await fixture.known("a") == nil)
        names.set("a", .success(["10.0.0.1"]))
        try await eventually {
            fixture.advance(by: .seconds(1))
            try await fixture.wait("a")
            return try await fixture.known("a") == "10.0.0.1"
        }
        fixture.advance(by: .seconds(11))
        names.set("a", .failure(NameError(description: "no such name", isTemporary: false)))
        _ = try await fixture.known("a")
        try await untilKnown("no such name", fixture)
        fixture.advance(by: .seconds(1))
        #expect(try await fixture.known("a") == nil)
    }

    @Test func anAddressThatRefusedAConnectionIsLookedUpAgain() async throws {
        let names = FakeNames()
        names.set("a", .success(["10.0.0.1"]))
        let fixture = try Fixture(names)
        try await fixture.wait("a")
        try await eventually { fixture.told.count == 1 }
        names.set("a", .success(["10.0.0.2"]))
        // Not more often than once a second.
        for _ in 0..<5 { try await fixture.perform { $0.distrust("a") } }
        #expect(names.asked.count == 1)
        fixture.advance(by: .seconds(1))
        for _ in 0..<5 { try await fixture.perform { $0.distrust("a") } }
        try await untilKnown("10.0.0.2", fixture)
        #expect(names.asked.count == 2)
    }

    @Test func concurrentLookupsAreLimited() async throws {
        var configuration = NameResolver.Configuration()
        configuration.maximumLookups = 2
        configuration.maximumNames = 4
        let names = FakeNames(isOpen: false)
        let fixture = try Fixture(names, configuration)
        for host in ["a", "b", "c", "d", "e"] { try await fixture.wait(host) }
        try await eventually { fixture.told == ["e: too many names are being looked up"] }
        try await eventually { names.asked.count == 2 }
        try await fixture.perform { _ in }
        #expect(Set(names.asked) == ["a", "b"])
        names.open()
        try await eventually { fixture.told.count == 5 }
        #expect(Set(names.asked) == ["a", "b", "c", "d"])
    }
}

@Suite("Hosts called by name over sockets")
struct NamedHostTests {
    private func run(
        _ names: FakeNames, connectTimeout: Duration = .seconds(1), _ body: (HTTPClient) async throws -> Void
    ) async throws {
        var configuration = HTTPClient.Configuration()
        configuration.connectTimeout = connectTimeout
        let loop = try EventLoop(name: "test")
        try loop.start()
        defer { loop.stop() }
        let client = HTTPClient(
            driver: ClientDriver(
                loop: loop, configuration: configuration,
                resolver: NameResolver(loop: loop, lookUp: { names.lookUp($0) })))
        let result: Result<Void, any Error>
        do { result = .success(try await body(client)) } catch { result = .failure(error) }
        await client.shutdown()
        try result.get()
    }

    /// Stopping the loop at the end of the test does not wait for the lookup either.
    @Test func aHangingLookupDelaysNoOtherRequest() async throws {
        let names = FakeNames(isOpen: false)
        defer { names.open() }
        // A peer serves one connection at a time.
        let peers = try [("127.0.0.1", Peer(.keepOpen)), ("localhost", Peer(.keepOpen))]
        try await run(names, connectTimeout: .milliseconds(50)) { client in
            for round in 0..<3 {
                let waiting = Task { try await client.execute(HTTPClient.Request(url: "http://tasks.example/")) }
                for (host, peer) in peers {
                    let answer = try await client.execute(HTTPClient.Request(url: "http://\(host):\(peer.port)/"))
                    #expect(answer.status == .ok)
                }
                let error = await #expect(throws: HTTPClientError.self) { _ = try await waiting.value }
                #expect(error?.errorType == "connect_timeout", "\(round)")
            }
            // Its own time is shorter still.
            await #expect(throws: HTTPClientError.timeout) {
                _ = try await client.execute(
                    HTTPClient.Request(url: "http://tasks.example/"), timeout: .milliseconds(5))
            }
            let cancelled = Task { try await client.execute(HTTPClient.Request(url: "http://tasks.example/")) }
            cancelled.cancel()
            await #expect(throws: CancellationError.self) { try await cancelled.value }
            #expect(names.asked == ["tasks.example"])
        }
    }

    @Test func everyAddressOfANameIsTried() async throws {
        let names = FakeNames()
        // Nobody listens on the first two.
        names.set("tasks.example", .success(["127.0.0.3", "127.0.0.2", "127.0.0.1"]))
        names.set("dotted.example.", .success(["127.0.0.1"]))
        try await run(names) { client in
            for host in ["tasks.example", "TASKS.example", "dotted.example."] {
                let peer = try Peer(.keepOpen)
                for _ in 0..<3 {
                    let answer = try await client.execute(HTTPClient.Request(url: "http://\(host):\(peer.port)/x?y"))
                    #expect(answer.body == Array("ok".utf8), "\(host)")
                }
            }
            #expect(Set(names.asked) == ["tasks.example", "dotted.example."])
        }
    }

    @Test func anErrorNamesAHostThatDoesNotExist() async throws {
        try await run(FakeNames()) { client in
            await #expect(throws: HTTPClientError.connectFailed("nobody.example?")) {
                _ = try await client.execute(HTTPClient.Request(url: "http://nobody.example/"))
            }
        }
    }

    @Test func theSystemResolvesLocalhost() throws {
        let addresses = try SystemNames.lookUp("localhost").get()
        #expect(addresses.contains("127.0.0.1") || addresses.contains("::1"))
    }
}
