import Encoding
import Foundation
import Logging
import Testing

@testable import LogOutput

/// The real programs check the files where TAILSPAN_LOKI, TAILSPAN_TEMPO and TAILSPAN_PROMTAIL name them.
@Suite("The real Loki, Tempo and Promtail")
struct RealProgramTests {
    static let environment = ProcessInfo.processInfo.environment
    static let loki = environment["TAILSPAN_LOKI"]
    static let tempo = environment["TAILSPAN_TEMPO"]
    static let promtail = environment["TAILSPAN_PROMTAIL"]

    @Test(.enabled(if: loki != nil), arguments: [[:], ["LOKI_STORE": "s3", "LOKI_S3_ENDPOINT": "http://minio:9000"]])
    func lokiAcceptsItsConfiguration(_ variables: [String: String]) throws {
        let result = try Tool.run(
            #require(Self.loki), ["-config.file=loki/loki.yaml", "-config.expand-env=true", "-verify-config"],
            environment: variables)
        #expect(result.status == 0, "\(result.output)")
    }

    @Test(
        .enabled(if: tempo != nil),
        arguments: [[:], ["TEMPO_STORE": "s3", "TEMPO_S3_ENDPOINT": "minio:9000"], ["TEMPO_METRICS": "[]"]])
    func tempoAcceptsItsConfiguration(_ variables: [String: String]) throws {
        let result = try Tool.run(
            #require(Self.tempo),
            ["-config.file=tempo/tempo.yaml", "-config.expand-env=true", "-target=all", "-config.verify=true"],
            environment: variables)
        #expect(result.status == 0, "\(result.output)")
    }

    @Test(.enabled(if: promtail != nil), arguments: Shipper.promtails, [nil, "sampling", "tenants"])
    func promtailAcceptsItsConfigurations(_ shipper: Shipper, _ mark: String?) throws {
        let text = try ExpandedFile.switchingOn(mark ?? "-", in: shipper.text())
        let file = FileManager.default.temporaryDirectory.appending(path: "promtail-\(UUID().uuidString).yaml")
        try text.write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        let result = try Tool.run(
            #require(Self.promtail), ["-config.file=\(file.path)", "-config.expand-env=true", "-check-syntax"])
        #expect(result.status == 0, "\(result.output)")
    }

    /// Promtail itself, with the project's own file, reads lines that the services' formatters wrote.
    @Test(.enabled(if: promtail != nil), arguments: LogConfiguration.Format.allCases)
    func promtailReadsTimeAndLevel(_ format: LogConfiguration.Format) throws {
        let lines = Logger.Level.allCases.map { SampleLines.line(format, $0, "request \($0)", ["note": "a \"b\""]) }
        // Of what stands last, Promtail may lose some when it ends at the end of its input.
        let padding = [String](repeating: SampleLines.line(format, .info, "the end"), count: 20)
        let result = try Tool.run(
            #require(Self.promtail),
            ["-config.file=loki/promtail.yaml", "-config.expand-env=true", "-stdin", "-dry-run"],
            input: Array((lines + padding).map { $0 + "\n" }.joined().utf8))
        let entries = result.output.split(separator: "\n").map { $0.split(separator: "\t") }
            .filter { $0.count == 3 && $0[1].contains("service_namespace") }
        let kept = lines.dropFirst(2)
        #expect(entries.prefix(kept.count).map(\.[2]) == kept.map { $0[...] }, "\(result.output.suffix(2000))")
        for (entry, level) in zip(entries, Logger.Level.allCases.dropFirst(2)) {
            #expect(entry[0] == "2026-11-20T16:32:01.123456+0000")
            #expect(entry[1].contains("level=\"\(level.rawValue)\""))
        }
    }

    // MARK: Programs that run, where LOKI_URL and TEMPO_URL name them

    private func get(_ url: String?, _ path: String) throws -> String {
        let result = try Tool.run("/usr/bin/curl", ["-sS", "--fail", "--globoff", (url ?? "") + path])
        #expect(result.status == 0, "\(result.output)")
        return result.output
    }

    @Test(.enabled(if: environment["LOKI_URL"] != nil))
    func lokiRunsWithItsConfiguration() throws {
        let text = try get(Self.environment["LOKI_URL"], "/config")
        for setting in ["retention_enabled: true", "reporting_enabled: false", "allow_structured_metadata: true"] {
            #expect(text.contains(setting), "\(setting)")
        }
    }

    @Test(.enabled(if: environment["LOKI_URL"] != nil))
    func lokiHasExactlyTheLabelsOfTheVocabulary() throws {
        let series = try JSONValue(
            parsing: get(
                Self.environment["LOKI_URL"],
                "/loki/api/v1/series?match%5B%5D=%7Bservice_namespace%3D%22tailspan%22%7D"))
        let streams = series["data"]?.array ?? []
        #expect(!streams.isEmpty)
        for stream in streams { #expect(Set(stream.memberNames).isSubset(of: ShipperTests.labels), "\(stream)") }
    }

    @Test(.enabled(if: environment["TEMPO_URL"] != nil))
    func tempoRunsWithItsConfiguration() throws {
        let text = try get(Self.environment["TEMPO_URL"], "/status/config")
        for setting in ["fail_on_high_lag: false", "reporting_enabled: false"] {
            #expect(text.contains(setting), "\(setting)")
        }
    }
}
