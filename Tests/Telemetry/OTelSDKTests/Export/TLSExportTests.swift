import EventLoop
import HTTP
import Logging
import TestTools
import Testing

@testable import OTelSDK
@testable import TraceContext

/// Custom certificates: `OTEL_EXPORTER_OTLP_CERTIFICATE`, `…_CLIENT_CERTIFICATE`, `…_CLIENT_KEY`.
@Suite("Export over TLS")
struct TLSExportTests {
    /// Exports one span as the environment says.
    private static func export(
        _ environment: [String: String]
    ) async throws -> (result: ExportResult, warnings: [String]) {
        let loop = try EventLoop(name: "tls")
        try loop.start()
        defer { loop.stop() }
        let client = HTTPClient(eventLoop: loop)
        let configuration = OTelConfiguration(environment: environment)
        let exporter = try #require(
            OTLPHTTPSpanExporter(
                configuration: configuration.exporter.traces, resource: Resource(), version: "1", client: client,
                eventLoop: loop, logger: .noOp, metrics: TestMetrics()))
        let span = SpanData(
            context: SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(value: 3), traceFlags: .sampled),
            name: "s", startTime: 1, endTime: 2)
        let result = await exporter.export([span])
        await client.shutdown()
        return (result, configuration.warnings)
    }

    /// Not delivered; what is wrong may be put right, so it is tried again.
    private func isRefusal(_ result: ExportResult) -> Bool {
        if case .retryable = result { true } else { false }
    }

    private static func environment(_ server: TLSServer, _ files: [String: String]) -> [String: String] {
        var result = ["OTEL_EXPORTER_OTLP_ENDPOINT": server.url, "OTEL_EXPORTER_OTLP_TIMEOUT": "300"]
        for (name, file) in files { result["OTEL_EXPORTER_OTLP_" + name] = server.file(file) }
        return result
    }

    @Test("A private authority is trusted only where it is named")
    func aPrivateAuthorityIsTrustedOnlyWhereItIsNamed() async throws {
        let server = try TLSServer()
        for files in [["CERTIFICATE": "ca.pem"], ["TRACES_CERTIFICATE": "ca.pem", "CERTIFICATE": "other-ca.pem"]] {
            let (result, warnings) = try await Self.export(Self.environment(server, files))
            guard case .success = result else {
                Issue.record("\(files): \(result)")
                continue
            }
            #expect(warnings.isEmpty)
        }
        for files in [[:], ["CERTIFICATE": "other-ca.pem"], ["LOGS_CERTIFICATE": "ca.pem"]] {
            let result = try await Self.export(Self.environment(server, files)).result
            #expect(result == .retryable(reason: "connect_failed", after: nil), "\(files)")
        }
    }

    @Test("A server that asks for a client certificate receives it")
    func aServerReceivesTheClientCertificateOnRequest() async throws {
        let server = try TLSServer(mutual: true)
        let own = ["CERTIFICATE": "ca.pem", "CLIENT_CERTIFICATE": "client.pem", "CLIENT_KEY": "client.key"]
        guard case .success = try await Self.export(Self.environment(server, own)).result else {
            Issue.record("refused")
            return
        }
        for files in [["CERTIFICATE": "ca.pem"], ["CERTIFICATE": "ca.pem", "CLIENT_CERTIFICATE": "client.pem"]] {
            let result = try await Self.export(Self.environment(server, files)).result
            #expect(isRefusal(result), "\(files)")
        }
    }

    @Test("A missing file is reported once, and exports fail until it exists")
    func aMissingFileIsReportedOnce() async throws {
        let server = try TLSServer()
        let environment = Self.environment(server, ["CERTIFICATE": "none.pem"])
        let (result, warnings) = try await Self.export(environment)
        #expect(isRefusal(result))
        #expect(
            warnings == [
                "OTEL_EXPORTER_OTLP_CERTIFICATE=\(server.file("none.pem")): expected a PEM file (No such file or directory); "
                    + "nothing can be sent over https until it is there"
            ])
    }

    @Test("One client sends with several identities, each with its own certificate")
    func oneClientSendsWithSeveralIdentities() async throws {
        let server = try TLSServer(mutual: true)
        let loop = try EventLoop(name: "tls")
        try loop.start()
        defer { loop.stop() }
        let client = HTTPClient(eventLoop: loop)
        var request = HTTPClient.Request(method: .post, url: server.url + "/v1/traces", body: [1])
        let own = HTTPClient.TLS(
            certificateAuthority: server.file("ca.pem"), clientCertificate: server.file("client.pem"),
            clientKey: server.file("client.key"))
        for _ in 0..<3 {
            request.tls = own
            #expect(try await client.execute(request).headers["x-client"] == "client")
            // Not over the connection that was made as somebody else.
            request.tls = HTTPClient.TLS(certificateAuthority: server.file("ca.pem"))
            await #expect(throws: HTTPClientError.self) { try await client.execute(request) }
            request.tls = HTTPClient.TLS()
            await #expect(throws: HTTPClientError.self) { try await client.execute(request) }
        }
        await client.shutdown()
    }
}
