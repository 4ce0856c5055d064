import Encoding
import EventLoop
import Foundation
import HTTP
import Synchronization
import Testing

@testable import Supervision

/// A pocket stack as a process of its own, and what it is sent.
struct PocketUnderFire: Sendable {
    let program: RunningProgram
    let client: HTTPClient
    let loop: EventLoop
    let ports: [String: Int]
    /// Resident memory in bytes when it had begun to serve.
    let atStart: Int

    /// Runs `body` with a pocket stack on free ports.
    static func run(_ body: @escaping @Sendable (PocketUnderFire) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            try await withLoop { loop in
                let zero = Dictionary(
                    uniqueKeysWithValues: ["LOKI", "TEMPO", "OTLP_HTTP", "CONSOLE"].map { ("\($0)_PORT", "0") })
                let program = try RunningProgram(
                    ["pocket"],
                    environment: zero.merging(["DATA_DIR": folder + "/data", "LOG_DIR": folder + "/logs"]) { $1 },
                    on: loop)
                var configuration = HTTPClient.Configuration()
                configuration.maximumBodySize = 128 << 20
                let client = HTTPClient(eventLoop: loop, configuration: configuration)
                let ports = try await started(program, loop)
                let pocket = PocketUnderFire(
                    program: program, client: client, loop: loop, ports: ports,
                    atStart: try memory("VmRSS", of: program.process.pid))
                let result: Result<Void, any Error>
                do { result = .success(try await body(pocket)) } catch { result = .failure(error) }
                await client.shutdown()
                program.process.send(SIGTERM)
                #expect(await program.process.waitForExit() == .code(0))
                try result.get()
            }
        }
    }

    private static func started(_ program: RunningProgram, _ loop: EventLoop) async throws -> [String: Int] {
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            for line in program.output.all {
                guard let fields = (try? JSONValue(parsing: line))?.object,
                    fields["message"]?.string == "pocket stack started"
                else { continue }
                var ports: [String: Int] = [:]
                for name in ["loki_port", "tempo_port", "otlp_http_port", "console_port"] {
                    let value = fields[name]
                    ports[name] = value?.string.flatMap { Int($0) } ?? value?.integer.map { Int($0) }
                }
                return ports
            }
            try await loop.sleep(for: .milliseconds(10))
        }
        struct DidNotStart: Error { var output: [String] }
        throw DidNotStart(output: program.output.all + program.errors.all)
    }

    static func memory(_ name: String, of pid: pid_t) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix(name + ":") } ?? ""
        return (line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) << 10
    }

    /// How many bytes more than at the start it has held at most.
    func grown() throws -> Int { try Self.memory("VmHWM", of: program.process.pid) - atStart }

    struct Shot: Sendable {
        var name: String
        var port: String
        var path: String
        var headers: HTTPFields = [:]
        /// `nil` for a GET.
        var body: [UInt8]?

        static func loki(_ query: String, _ more: String = "&limit=5000", post: Bool = false) -> Shot {
            let parameters = "query=\(PercentEncoding.encode(query))\(more)"
            let path = "/loki/api/v1/query_range"
            if post {
                return Shot(
                    name: String(query.prefix(60)), port: "loki_port", path: path,
                    headers: ["content-type": "application/x-www-form-urlencoded"], body: Array(parameters.utf8))
            }
            return Shot(name: String(query.prefix(60)), port: "loki_port", path: path + "?" + parameters)
        }

        static func tempo(_ query: String, path: String = "/api/search", _ more: String = "") -> Shot {
            Shot(
                name: path + " " + query.prefix(60), port: "tempo_port",
                path: path + "?q=\(PercentEncoding.encode(query))\(more)")
        }

        static func body(
            _ name: String, to port: String, _ path: String, _ type: String, _ body: [UInt8], gzip: Bool = false
        ) -> Shot {
            var headers: HTTPFields = ["content-type": type]
            if gzip { headers["content-encoding"] = "gzip" }
            return Shot(name: name, port: port, path: path, headers: headers, body: body)
        }
    }

    func send(_ shot: Shot) async throws -> HTTPClient.Response {
        try await client.execute(
            HTTPClient.Request(
                method: shot.body == nil ? .get : .post,
                url: "http://127.0.0.1:\(ports[shot.port] ?? 0)\(shot.path)", headers: shot.headers,
                body: shot.body ?? []), timeout: .seconds(60))
    }

    /// Sends it and asks every port whether it is ready until the answer is there; returns the answer's status and how
    /// often it was ready meanwhile.
    func fire(_ shot: Shot) async throws -> (status: Int, ready: Int) {
        let answer = Mutex<Int?>(nil)
        let shooting = Task(executorPreference: loop) {
            let status = try await send(shot).status.code
            answer.withLock { $0 = status }
            return status
        }
        var ready = 0
        while answer.withLock({ $0 }) == nil, !shooting.isCancelled, ready < 5_000 {
            for (port, path) in [("loki_port", "/ready"), ("tempo_port", "/ready"), ("console_port", "/healthz")] {
                let response = try await send(Shot(name: "", port: port, path: path))
                #expect(response.status == .ok)
            }
            if answer.withLock({ $0 }) == nil { ready += 1 }
        }
        return (try await shooting.value, ready)
    }
}
