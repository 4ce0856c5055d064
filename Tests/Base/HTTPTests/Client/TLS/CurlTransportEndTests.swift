import EventLoop
import ServiceTesting
import Synchronization
import Testing

@testable import HTTP

@Suite("Requests over TLS without a response")
struct CurlTransportEndTests {
    @Test("A request times out, and its connection is closed")
    func aRequestTimesOut() async throws {
        try await SecureClient.run { client in
            await #expect(throws: HTTPClientError.timeout) {
                try await client.get("/wait", timeout: .milliseconds(100))
            }
            try await eventually { try await client.state().waiting == 0 }
            #expect(try await client.get("/hello") == "hello")
        }
    }

    @Test("A request that waits for a thread times out in time")
    func aRequestThatWaitsForAThreadTimesOut() async throws {
        try await SecureClient.run { client in
            let stuck = (0..<CurlTransport.maximumThreads).map { _ in Task { try await client.get("/wait") } }
            try await eventually { try await client.state().waiting == stuck.count }
            let start = ContinuousClock.now
            await #expect(throws: HTTPClientError.timeout) {
                try await client.get("/hello", timeout: .milliseconds(100))
            }
            #expect(.now - start < .seconds(5))
            stuck[0].cancel()
            #expect(try await client.get("/hello") == "hello", "a cancelled request frees its thread")
            for task in stuck { task.cancel() }
            for task in stuck { await #expect(throws: CancellationError.self) { try await task.value } }
        }
    }

    @Test("A cancelled request ends at once, and its connection is closed")
    func aCancelledRequestEnds() async throws {
        try await SecureClient.run { client in
            let task = Task { try await client.get("/wait", timeout: .seconds(600)) }
            try await eventually { try await client.state().waiting == 1 }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            try await eventually(within: .seconds(5)) { try await client.state().waiting == 0 }
            let cancelled = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await client.get("/hello")
            }
            await #expect(throws: CancellationError.self) { try await cancelled.value }
            #expect(try await client.get("/hello") == "hello")
        }
    }

    @Test("A cancellation never ends the request of another task")
    func aCancellationEndsOneRequest() async throws {
        try await SecureClient.run { client async throws in
            for _ in 0..<100 {
                let cancelled = Task { try await client.get("/hello") }
                let kept = Task { try await client.get("/hello") }
                await pause(microseconds: .random(in: 0..<3000))
                cancelled.cancel()
                #expect(try await kept.value == "hello")
                switch await cancelled.result {
                case .success(let text): #expect(text == "hello")
                case .failure(let error): #expect(error is CancellationError)
                }
            }
        }
    }

    @Test("A shutdown ends running requests soon and refuses further ones")
    func aShutdownEndsRunningRequests() async throws {
        try await SecureClient.run { client in
            let tasks = (0..<6).map { _ in Task { try await client.get("/wait", timeout: .seconds(600)) } }
            try await eventually { try await client.state().waiting == CurlTransport.maximumThreads }
            await client.transport.shutdown()
            for task in tasks { await #expect(throws: HTTPClientError.alreadyShutdown) { try await task.value } }
            await #expect(throws: HTTPClientError.alreadyShutdown) { try await client.get("/hello") }
            try await eventually { try await client.state().waiting == 0 }
        }
    }

    @Test("A request is held back if its turn of the loop could not be committed")
    func aRequestIsHeldBackWithItsTurn() async throws {
        struct DiskFull: Error, CustomStringConvertible { var description: String { "the disk is full" } }
        func error(_ configuration: HTTPClient.Configuration) async throws -> (any Error)? {
            let box = Mutex<(any Error)?>(nil)
            try await SecureClient.run(configuration) { client async throws in
                let turn = Task(executorPreference: client.loop) {
                    client.loop.commitAtEndOfTurn { DiskFull() }
                    return try await client.get("/hello")
                }
                if case .failure(let error) = await turn.result { box.withLock { $0 = error } }
                let expected = configuration.waitsForCommits ? 1 : 2
                #expect(try await client.state().connections == expected, "one is for the question")
            }
            return box.withLock { $0 }
        }
        var configuration = HTTPClient.Configuration()
        #expect(try await error(configuration) as? HTTPClientError == .heldBack("the disk is full"))
        configuration.waitsForCommits = false
        #expect(try await error(configuration) == nil)
    }

    @Test("The number of waiting requests is limited")
    func theNumberOfWaitingRequestsIsLimited() async throws {
        try await SecureClient.run { client in
            await withTaskGroup(of: (any Error)?.self) { group in
                for _ in 0..<1100 {
                    group.addTask {
                        do { _ = try await client.get("/wait", timeout: .seconds(600)) } catch { return error }
                        return nil
                    }
                }
                let first = await group.next() ?? nil
                guard case HTTPClientError.transferFailed(let reason)? = first else {
                    Issue.record("\(String(describing: first))")
                    return group.cancelAll()
                }
                #expect(reason.hasPrefix("too many https requests wait already"))
                group.cancelAll()
            }
        }
    }

    @Test("An error says why there is no response")
    func anErrorSaysWhyThereIsNoResponse() async throws {
        var configuration = HTTPClient.Configuration()
        configuration.connectTimeout = .milliseconds(300)
        try await SecureClient.run(configuration) { client async throws in
            func error(_ url: String, timeout: Duration = .seconds(10)) async -> HTTPClientError? {
                var request = client.request("")
                request.url = url
                return await #expect(throws: HTTPClientError.self, "\(url)") {
                    try await client.transport.execute(request, timeout: timeout)
                }
            }
            #expect(await error(client.url + "/nonsense") == .transferFailed("the answer is not HTTP"))
            #expect(await error(client.url + "/http2") == .speaksHTTP2)
            for url in ["https://", "https://[::1", "https:"] {
                #expect(await error(url)?.errorType == "invalid_url", "\(url)")
            }
            #expect(await error("https://no-such-host.invalid/")?.errorType == "connect_failed")
            let closed = try Peer(.keepOpen).url.replacing("http://", with: "https://")
            #expect(await error(closed)?.errorType == "connect_failed")
            let plain = try Peer(.greetFirst)
            let answer = await error(plain.url.replacing("http://", with: "https://"))
            #expect(
                answer?.description.contains("the port does not speak TLS") == true, "\(String(describing: answer))")
            // It accepts the connection and never begins TLS.
            let silent = try Peer(.keepSilent)
            let url = silent.url.replacing("http://", with: "https://")
            #expect(await error(url)?.errorType == "connect_timeout")
            #expect(await error(url, timeout: .milliseconds(100)) == .timeout)
        }
    }

    @Test("A missing libcurl is named, with the package that has it, and looked for again")
    func aMissingLibraryIsNamed() async throws {
        let missing = CurlLibrary(names: ["libtailspan-none.so.1", "libtailspan-none.so.2"])
        try await SecureClient.run(library: missing) { client in
            for _ in 0..<2 {
                let error = await #expect(throws: HTTPClientError.self) { try await client.get("/hello") }
                #expect(error?.errorType == "tls_unavailable")
                #expect(error?.neverConnected == true)
                let text = error?.description ?? ""
                #expect(text.hasPrefix("https needs libcurl (Debian: apt install libcurl4): libtailspan-none.so.1: "))
                #expect(text.contains("; libtailspan-none.so.2: cannot open shared object file"))
            }
            #expect(
                UpstreamError(service: "tasks", reason: .init(HTTPClientError.tlsUnavailable("gone"))).description
                    == "tasks could not be reached: https needs libcurl (Debian: apt install libcurl4): gone")
        }
    }

    @Test("A library that lacks a function is refused, and the next one is used")
    func aLibraryThatLacksAFunctionIsRefused() throws {
        let error = #expect(throws: HTTPClientError.self) { try CurlLibrary(names: ["libm.so.6"]).load() }
        #expect(error?.description.contains("libm.so.6: it has no function curl_") == true)
        _ = try CurlLibrary(names: ["libm.so.6", "libcurl.so.4"]).load()
        #expect(HTTPClient.httpsProblem(for: "https://127.0.0.1") == nil)
        #expect(HTTPClient.httpsProblem(for: "http://127.0.0.1") == nil)
    }
}
