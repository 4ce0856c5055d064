import EventLoop
import HTTP
import Synchronization
import Testing

@Suite("Calls that wait for a connection", .serialized)
struct FairQueueTests {
    private static func configuration(_ connections: Int) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        configuration.maximumConnectionsPerHost = connections
        return configuration
    }

    @Test("First come, first served", arguments: [1, 4])
    func firstComeFirstServed(connections: Int) async throws {
        let arrived = Mutex<[Int]>([])
        try await LiveServer.run(client: Self.configuration(connections)) { router in
            router.get("/{number}") { _, context in
                let number = Int(context.parameters["number"] ?? "") ?? -1
                arrived.withLock { $0.append(number) }
                return .text("")
            }
        } _: { live in
            let (client, loop) = (live.client, live.loop)
            let urls = (0..<256).map { live.url("/\($0)") }
            try await Task(executorPreference: loop) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for url in urls { group.addTask { _ = try await client.execute(HTTPClient.Request(url: url)) } }
                    try await group.waitForAll()
                }
            }.value
            // Connections beside one another may overtake one another by as many calls as there are connections.
            let order = arrived.withLock { $0 }
            #expect(order.count == 256)
            for (place, number) in order.enumerated() {
                #expect(abs(place - number) <= 2 * (connections - 1), "\(order)")
            }
        }
    }

    @Test("No caller waits much longer than the others")
    func noCallerWaitsMuchLongerThanTheOthers() async throws {
        try await LiveServer.run(client: Self.configuration(4)) { router in
            router.get("/") { _, context in
                try await context.eventLoop?.sleep(for: .milliseconds(1))
                return .text("")
            }
        } _: { live in
            let (client, url) = (live.client, live.url("/"))
            let sorted = try await withThrowingTaskGroup(of: [Duration].self) { group in
                for _ in 0..<256 {
                    group.addTask {
                        var times: [Duration] = []
                        for _ in 0..<6 {
                            let start = ContinuousClock.now
                            _ = try await client.execute(HTTPClient.Request(url: url), timeout: .seconds(60))
                            times.append(start.duration(to: .now))
                        }
                        return times
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }.sorted()
            }
            let (median, most) = (sorted[sorted.count / 2], sorted[sorted.count - 1])
            #expect(most < median * 4, "\(most) against a median of \(median)")
        }
    }

    /// More calls than may connect at once: when the first have failed, the others must try.
    @Test("Calls that wait behind a failed connection try one themselves")
    func callsThatWaitBehindAFailedConnectionTryOneThemselves() async throws {
        let peer = try Peer(.keepOpen, isSilent: true)
        var configuration = Self.configuration(2)
        configuration.connectTimeout = .milliseconds(50)
        try await LiveServer.run(client: configuration, routes: { _ in }) { live in
            let client = live.client
            let errors = await withTaskGroup(of: HTTPClientError?.self) { group in
                for _ in 0..<9 {
                    group.addTask {
                        do { _ = try await client.execute(HTTPClient.Request(url: peer.url)) } catch {
                            return error as? HTTPClientError
                        }
                        return nil
                    }
                }
                return await group.reduce(into: [String]()) { $0.append($1?.errorType ?? "none") }
            }
            #expect(errors == Array(repeating: "connect_timeout", count: 9))
        }
    }

    /// Origins are forgotten when there are many, but not one that a call has just begun to use.
    @Test("Three hundred origins at once are all asked")
    func threeHundredOriginsAtOnceAreAllAsked() async throws {
        try await LiveServer.run { router in
            router.get("/") { request, _ in .text(request.headers["authorization"] ?? "") }
        } _: { live in
            let (client, loop, port) = (live.client, live.loop, live.server.port)
            let names = try await Task(executorPreference: loop) {
                try await withThrowingTaskGroup(of: String.self) { group in
                    for number in 0..<300 {
                        group.addTask {
                            let url = "http://user\(number)@127.0.0.1:\(port)/"
                            let answer = try await client.execute(HTTPClient.Request(url: url), timeout: .seconds(10))
                            return String(decoding: answer.body, as: UTF8.self)
                        }
                    }
                    return try await group.reduce(into: Set<String>()) { $0.insert($1) }
                }
            }.value
            #expect(names.count == 300)
        }
    }
}
