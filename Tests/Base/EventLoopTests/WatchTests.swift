import Glibc
import Synchronization
import Testing

@testable import EventLoop

@Suite("Descriptor watches on the event loop")
struct WatchTests {
    /// A pair of connected sockets, closed at the end.
    private final class Pair: Sendable {
        let near: Int32
        let far: Int32
        init() {
            var ends: [Int32] = [0, 0]
            socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0, &ends)
            (near, far) = (ends[0], ends[1])
        }
        deinit {
            close(near)
            close(far)
        }
        func send() { _ = write(far, "x", 1) }
        func receive() -> Bool {
            var byte: UInt8 = 0
            return read(near, &byte, 1) == 1
        }
        func closeFar() { shutdown(far, Int32(SHUT_RDWR)) }
    }

    private func withLoop(
        _ body: @escaping @Sendable (EventLoop, UnsafeContinuation<Void, Never>) throws -> Void
    )
        async throws
    {
        let loop = try EventLoop(name: "watch")
        try loop.start()
        defer { loop.stop() }
        await withUnsafeContinuation { continuation in
            loop.submit {
                do { try body(loop, continuation) } catch {
                    Issue.record(error)
                    continuation.resume()
                }
            }
        }
    }

    @Test func aWatchReportsReadyDataUntilItIsRead() async throws {
        let pair = Pair()
        try await withLoop { loop, done in
            var reports = 0
            var watch: EventLoop.Watch?
            watch = try loop.watch(pair.near, for: .read) { ready in
                #expect(ready == .read)
                reports += 1
                if reports < 3 { return }
                #expect(pair.receive())
                watch?.cancel()
                done.resume()
            }
            pair.send()
        }
    }

    @Test func aWatchCanChangeItsInterest() async throws {
        let pair = Pair()
        try await withLoop { loop, done in
            var watch: EventLoop.Watch?
            var seen: [EventLoop.Interest] = []
            watch = try loop.watch(pair.near, for: .write) { ready in
                seen.append(ready)
                do {
                    if seen.count == 1 {
                        try watch?.update(.read)
                        pair.send()
                    } else {
                        #expect(seen == [.write, .read])
                        watch?.cancel()
                        done.resume()
                    }
                } catch { Issue.record(error) }
            }
        }
    }

    /// Lets the loop look at its descriptors once before `body` runs.
    private static func afterNextPoll(_ loop: EventLoop, _ body: @escaping () -> Void) {
        loop.schedule(after: .zero) { loop.schedule(after: .zero, body) }
    }

    @Test func aWatchForThePeersEndReportsItOnceAndIgnoresData() async throws {
        let pair = Pair()
        try await withLoop { loop, done in
            var reports = 0
            var watch: EventLoop.Watch?
            watch = try loop.watch(pair.near, for: .peerClosed) { ready in
                #expect(ready.contains(.peerClosed))
                reports += 1
                guard reports == 1 else { return }
                Self.afterNextPoll(loop) {
                    #expect(reports == 1)
                    watch?.cancel()
                    done.resume()
                }
            }
            pair.send()
            Self.afterNextPoll(loop) {
                #expect(reports == 0)
                pair.closeFar()
            }
        }
    }

    /// Both are ready in the same turn, and the first one served cancels the other.
    @Test func aCancelledWatchReceivesNoPendingEvent() async throws {
        let (first, second) = (Pair(), Pair())
        try await withLoop { loop, done in
            var watches: [EventLoop.Watch] = []
            var served = 0
            for pair in [first, second] {
                watches.append(
                    try loop.watch(pair.near, for: .read) { _ in
                        served += 1
                        for watch in watches { watch.cancel() }
                        // The other's descriptor is watched anew at once: the old event is not for the new watch.
                        let other = pair === first ? second : first
                        var renewed: EventLoop.Watch?
                        do {
                            renewed = try loop.watch(other.near, for: .write) { ready in
                                #expect(ready == .write)
                                renewed?.cancel()
                            }
                        } catch { Issue.record(error) }
                        Self.afterNextPoll(loop) {
                            #expect(served == 1)
                            if served == 1 { done.resume() }
                        }
                    })
                pair.send()
            }
        }
    }

    @Test func aLoopRefusesADescriptorItCannotWatch() async throws {
        let pair = Pair()
        try await withLoop { loop, done in
            #expect(throws: EventLoopError.self) { try loop.watch(-1, for: .read) { _ in } }
            #expect(throws: EventLoopError.self) { try loop.watch(999_999, for: .read) { _ in } }
            let watch = try loop.watch(pair.near, for: .read) { _ in }
            #expect(throws: EventLoopError.self) { try loop.watch(pair.near, for: .read) { _ in } }
            watch.cancel()
            try loop.watch(pair.near, for: .read) { _ in }.cancel()
            done.resume()
        }
    }

    /// A descriptor that is closed without notice, and whose number is reused at once, counts as a new descriptor.
    @Test func aLoopWatchesANewDescriptorUnderAReusedNumber() async throws {
        let (first, second) = (Pair(), Pair())
        try await withLoop { loop, done in
            var stale = 0
            let old = try loop.watch(first.near, for: .read) { _ in stale += 1 }
            #expect(dup2(second.near, first.near) == first.near)
            var renewed: EventLoop.Watch?
            renewed = try loop.watch(first.near, for: .read) { ready in
                #expect(ready == .read && stale == 0)
                #expect(second.receive())
                renewed?.cancel()
                #expect(throws: EventLoopError.self) { try renewed?.update(.write) }
                done.resume()
            }
            // The old watch is over: whoever still holds it cannot disturb the new one.
            #expect(throws: EventLoopError.self) { try old.update(.write) }
            old.cancel()
            second.send()
        }
    }
}
