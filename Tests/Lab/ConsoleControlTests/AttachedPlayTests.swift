import EventLoop
import FileSystem
import Glibc
import HTTP
import Incidents
import ServiceTesting
import Testing
import Vocabulary
import Workload

@testable import ConsoleControl

@Suite("An incident against services that cannot play it")
struct AttachedPlayTests {
    @Test("A run that fails before its first request finishes its spans all the same")
    func aFailedRunFinishesItsSpans() async throws {
        let folder = "/tmp/tailspan-attached-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        let loop = try EventLoop(name: "play")
        try loop.start()
        // Takes spans and requests, but has no control API.
        let other = try await FakeUpstream { $0.path.hasPrefix("/v1/") ? Response() : nil }
        let traffic = Traffic(eventLoop: loop) { other.url }
        let (isRefused, counts) = try await Task(executorPreference: loop) {
            let roots = try #require(traffic.roots(.incident))
            let incident = try IncidentLibrary(folder: ControlBench.root + "/incidents").incident("unsettled-tasks")
            let play = IncidentPlay(
                incident, folder: IncidentRunFolder(path: folder), options: IncidentRun.Options(), isHidden: true,
                clock: .monotonic(loop))
            let attached = AttachedPlay(
                play, urls: Dictionary(uniqueKeysWithValues: ServiceRole.allCases.map { ($0, other.url) }),
                adminToken: nil, IncidentPlay.Stores(loki: other.url, tempo: other.url), client: traffic.client,
                eventLoop: loop, warn: { _ in })
            var isRefused = false
            do { _ = try await attached.run(roots: roots, number: nil) { _ in } } catch { isRefused = true }
            // Whoever has finished sends nothing any more.
            _ = try await roots.recording(traffic.client).execute(
                HTTPClient.Request(
                    url: other.url + "/v1/tasks",
                    headers: [
                        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
                    ]), timeout: .seconds(30))
            return (isRefused, await roots.flush())
        }.value
        #expect(isRefused && counts.recorded == 1 && counts.exported == 0)
        await Task(executorPreference: loop) { await traffic.shutdown() }.value
        await other.stop()
        loop.stop()
        try Files.remove(folder)
    }
}
