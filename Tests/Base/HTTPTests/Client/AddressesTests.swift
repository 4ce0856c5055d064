import EventLoop
import Glibc
import ServiceTesting
import Synchronization
import Testing

@testable import HTTP

@Suite("The addresses behind a name", .serialized)
struct AddressesTests {
    private final class Names: Sendable {
        let addresses: Mutex<[String]>
        init(_ addresses: [String]) { self.addresses = Mutex(addresses) }
    }

    private static func run(
        _ addresses: [String], _ body: (HTTPClient, Names, EventLoop) async throws -> Void
    ) async throws {
        let loop = try EventLoop(name: "test")
        try loop.start()
        defer { loop.stop() }
        let names = Names(addresses)
        var configuration = NameResolver.Configuration()
        configuration.failureFor = .milliseconds(1)
        let client = HTTPClient(
            driver: ClientDriver(
                loop: loop, configuration: HTTPClient.Configuration(),
                resolver: NameResolver(loop: loop, configuration: configuration) { _ in
                    .success(names.addresses.withLock { $0 })
                }))
        let result: Result<Void, any Error>
        do { result = .success(try await body(client, names, loop)) } catch { result = .failure(error) }
        await client.shutdown()
        try result.get()
    }

    @Test("An address that says nothing is passed over after a quarter of a second")
    func anAddressThatSaysNothingIsPassedOver() async throws {
        let peer = try Peer(.keepOpen)
        let silent = try Peer(.keepOpen, isSilent: true, host: 2, port: peer.port)
        // Which address comes first is left to chance, so this is repeated until it was the silent one.
        var wasSlow = false
        for _ in 0..<40 where !wasSlow {
            try await Self.run(["127.0.0.1", "127.0.0.2"]) { client, _, _ in
                let start = ContinuousClock.now
                let answer = try await client.execute(HTTPClient.Request(url: "http://name.test:\(peer.port)/"))
                #expect(answer.status == .ok)
                let time = start.duration(to: .now)
                #expect(time < .milliseconds(950))
                wasSlow = time >= .milliseconds(240)
            }
        }
        #expect(wasSlow)
        #expect(silent.requests == 0)
    }

    @Test("An address that refuses is passed over at once", arguments: ["::1", "127.0.0.3", "255.255.255.255"])
    func anAddressThatRefusesIsPassedOverAtOnce(address: String) async throws {
        let peer = try Peer(.keepOpen)
        for _ in 0..<12 {
            try await Self.run([address, "127.0.0.1"]) { client, _, _ in
                let start = ContinuousClock.now
                let answer = try await client.execute(HTTPClient.Request(url: "http://name.test:\(peer.port)/"))
                #expect(answer.status == .ok)
                #expect(start.duration(to: .now) < .milliseconds(240))
            }
        }
    }

    /// As a container does that is made anew.
    @Test("An address that has changed is noticed once the old one refuses")
    func anAddressThatHasChangedIsNoticed() async throws {
        let new = try Peer(.keepOpen, host: 4)
        try await Self.run(["127.0.0.5"]) { client, names, _ in
            let url = "http://name.test:\(new.port)/"
            do {
                let old = try Peer(.closeAfterEachAnswer, host: 5, port: new.port)
                for _ in 0..<3 { #expect(try await client.execute(HTTPClient.Request(url: url)).status == .ok) }
                #expect(old.connections == 3 && new.connections == 0)
            }
            names.addresses.withLock { $0 = ["127.0.0.4"] }
            try await eventually(within: .seconds(5), "the new address") {
                (try? await client.execute(HTTPClient.Request(url: url)))?.status == .ok
            }
            #expect(new.connections > 0)
        }
    }

    @Test("Connections that were made together do not end together")
    func connectionsThatWereMadeTogetherDoNotEndTogether() async throws {
        let loop = try EventLoop(name: "test")
        try loop.start()
        defer { loop.stop() }
        let ages = try await loop.perform {
            var configuration = HTTPClient.Configuration()
            configuration.maximumConnectionAge = .seconds(60)
            let driver = ClientDriver(loop: loop, configuration: configuration)
            guard let origin = HTTPOrigin("http://127.0.0.1:1") else { return [Duration]() }
            let endpoint = ClientEndpoint(origin, driver: driver)
            let now = ContinuousClock.now
            return (0..<400).map { _ in now.duration(to: ClientConnection(socket: -1, endpoint: endpoint).expiry) }
        }
        #expect(ages.count == 400)
        #expect(ages.allSatisfy { $0 >= .seconds(50) && $0 < .seconds(71) })
        #expect(ages.contains { $0 < .seconds(53) } && ages.contains { $0 > .seconds(67) })
    }
}
