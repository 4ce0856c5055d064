import Encoding
import EventLoop
import FaultControl
import FaultRules
import HTTP
import Logging
import Synchronization
import Vocabulary

/// A service that tells its health and its faults, and counts who asks.
final class FakeService: Sendable {
    /// How often each path was asked for.
    private final class Log: Sendable {
        private let paths = Mutex<[String: Int]>([:])

        func add(_ path: String) { paths.withLock { $0[path, default: 0] += 1 } }
        func count(_ path: String) -> Int { paths.withLock { $0[path] ?? 0 } }
    }

    private let log = Log()
    private let loop: EventLoop
    private let server: HTTPServer

    /// - Parameters:
    ///   - history: what `/admin/faults/history` answers.
    ///   - token: what the control routes require.
    init(
        _ role: ServiceRole, isReady: Bool = true, rules: [String] = [], isHidden: Bool = false,
        history: [FaultPlanRecord] = [], token: String? = nil
    ) async throws {
        loop = try EventLoop(name: "fake")
        try loop.start()
        let router = Router()
        let log = log
        router.get("/readyz") { request, _ in
            log.add(request.path)
            return .text("", status: isReady ? .ok : .serviceUnavailable)
        }
        router.get(FaultControl.path) { request, _ in
            log.add(request.path)
            guard token == nil || request.headers[Header.authorization] == "Bearer \(token ?? "")" else {
                return Response(status: .forbidden)
            }
            let state = FaultState(
                service: role.rawValue, seed: 0, isHidden: isHidden, acceptsFromRequests: false,
                rules: rules.map {
                    .init(id: $0, rule: $0, kind: "latency", scope: "request", isInForce: true, injected: 0)
                })
            return .json { (json: inout JSONWriter) in state.write(to: &json) }
        }
        router.get(FaultControl.historyPath) { request, _ in
            log.add(request.path)
            return .json { (json: inout JSONWriter) in
                json.object {
                    $0.name("changes")
                    $0.array { json in for record in history { record.write(to: &json) } }
                }
            }
        }
        server = HTTPServer(
            configuration: HTTPServer.Configuration(), responder: router.buildResponder(), eventLoop: loop,
            logger: .noOp)
        try await server.start()
    }

    var url: String { "http://127.0.0.1:\(server.port)" }

    /// How often a path was asked for.
    func count(_ path: String) -> Int { log.count(path) }

    func stop() async {
        await server.shutdown()
        loop.stop()
    }
}
