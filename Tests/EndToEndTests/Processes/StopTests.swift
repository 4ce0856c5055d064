import Encoding
import Glibc
import HTTP
import ServiceTesting
import Testing

@testable import Supervision

/// A port that takes connections and never says a word.
private final class MutePort: Sendable {
    private let descriptor: Int32
    let port: Int

    init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && listen(descriptor, 64) == 0
                    && getsockname(descriptor, $0, &size) == 0
            }
        }
        try #require(isListening)
        self.descriptor = descriptor
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit { close(descriptor) }
}

extension RealProcesses {
    @Suite("The stop of a service")
    struct StopTests {
        /// Starts `payments`, has it record spans, ends it, and gives its last line.
        private func lastLine(_ environment: [String: String], spans: Int) async throws -> JSONValue {
            try await withLoop { loop in
                let client = HTTPClient(eventLoop: loop)
                let program = try RunningProgram(
                    ["payments"], environment: ["PORT": "0"].merging(environment) { $1 }, on: loop)
                try await eventually(within: .seconds(20), "it listens") {
                    program.output.all.contains { $0.contains(#""message":"listening""#) }
                }
                let listening = try #require(program.output.all.first { $0.contains(#""message":"listening""#) })
                let url = "http://127.0.0.1:\(try #require(try JSONValue(parsing: listening)["port"]?.integer))"
                for _ in 0..<spans { #expect(try await client.get(url + "/v1/nowhere").status == .notFound) }
                try await eventually("every request has its span") {
                    try await client.metrics(url).sum("otel_sdk_span_started_total") >= Double(spans)
                }
                await client.shutdown()
                program.process.send(SIGTERM)
                #expect(await program.process.waitForExit() == .code(0), "\(program.errors.all)")
                #expect(program.errors.all.isEmpty)
                return try JSONValue(parsing: try #require(program.output.all.last))
            }
        }

        @Test("A silent span backend does not change exit code 0, and the last line counts the unsent spans")
        func aSilentBackendLeavesACountOfUnsentSpans() async throws {
            let backend = try MutePort()
            let line = try await lastLine(
                [
                    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:\(backend.port)",
                    "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": "http://127.0.0.1:\(backend.port)/v1/logs",
                    // Neither the exporter's own patience nor the processor's may decide.
                    "OTEL_EXPORTER_OTLP_TIMEOUT": "3600000", "OTEL_BSP_EXPORT_TIMEOUT": "3600000",
                    "OTEL_BLRP_EXPORT_TIMEOUT": "3600000", "SHUTDOWN_TIMEOUT_MS": "800",
                ], spans: 7)
            #expect(line["message"] == "stopped" && line["level"] == "warning", "\(line)")
            #expect(line["unsent_spans"] == 7, "\(line)")
            #expect((line["unsent_log_records"]?.integer ?? 0) >= 7, "\(line)")
        }

        @Test("The last line says that nothing is unsent")
        func theLastLineSaysThatNothingIsUnsent() async throws {
            let backend = try await FakeUpstream { _ in .init(headers: ["content-type": "application/x-protobuf"]) }
            let line = try await lastLine(["OTEL_EXPORTER_OTLP_ENDPOINT": backend.url], spans: 5)
            #expect(line["message"] == "stopped" && line["level"] == "info", "\(line)")
            #expect(line["unsent_spans"] == 0 && line["unsent_log_records"] == 0, "\(line)")
            #expect(backend.asked.contains("POST /v1/traces"))
            await backend.stop()
        }
    }
}
