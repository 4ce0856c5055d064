import Encoding
import Foundation
import HTTP
import OTLP
import Testing
import TraceContext

@testable import PocketStore

/// The normalization of spans on their way in, and their form for strict readers.
@Suite("The intake of spans") struct TraceIntakeTests {
    private static func message(_ field: Int, _ content: [UInt8]) -> [UInt8] {
        var output = ByteWriter()
        output.appendProtobuf(field: field, size: content.count)
        output.append(contentsOf: content)
        return output.bytes
    }

    private static let bad: [UInt8] = [0x61, 0xFF, 0x62]
    private static let ids: [UInt8] = [0x0A, 16] + [UInt8](1...16) + [0x12, 8, 1, 2, 3, 4, 5, 6, 7, 8]
    private static let otherIDs: [UInt8] = [0x0A, 16] + [UInt8](1...16) + [0x12, 8, 8, 7, 6, 5, 4, 3, 2, 1]
    private static let moreIDs: [UInt8] = [0x0A, 16] + [UInt8](1...16) + [0x12, 8, 9, 7, 6, 5, 4, 3, 2, 1]
    private static let traceID = "0102030405060708090a0b0c0d0e0f10"

    /// A request with a bad text in every place that has one, a key without a value, and a field that is not known.
    private static var request: [UInt8] {
        let text = message(2, message(1, bad))
        let attribute = message(1, bad) + text
        let nested = message(1, bad) + message(2, message(5, message(1, message(6, message(1, attribute)))))
        let unknown: [UInt8] = [0x98, 0x06, 7]
        var span = ids + message(3, bad) + message(5, bad)
        span += message(9, attribute) + message(9, nested) + message(9, message(1, [0x6B]))
        span += message(11, message(2, bad) + message(3, attribute))
        span += message(13, Array(ids) + message(3, bad) + message(4, attribute))
        span += message(15, message(2, bad)) + unknown
        let good: [UInt8] = otherIDs + message(5, Array("good".utf8))
        let scope = message(1, message(1, bad) + message(2, bad) + message(3, attribute))
        let spans = message(2, span) + message(2, good) + message(3, bad)
        let service = message(1, message(1, Array("service.name".utf8)) + text)
        return message(1, message(1, service) + message(2, scope + spans) + message(3, bad))
    }

    @Test func invalidTextIsRepairedInPlace() async throws {
        let tempo = try await TraceFixture()
        #expect(try await tempo.push(Self.request, type: "application/x-protobuf").status == .ok)
        let id = try #require(TraceID(Self.traceID))
        let trace = try #require(try await tempo.store.trace(id))
        #expect(trace.spans.map(\.columns.name) == ["a\u{FFFD}b", "good"])
        #expect(trace.spans.map(\.context.service) == ["a\u{FFFD}b", "a\u{FFFD}b"])
        #expect(Array(trace.spans[0].payload.suffix(3)) == [0x98, 0x06, 7], "what is not known stays")
        #expect(try await tempo.search(#"{ name = "a\#u{FFFD}b" }"#)["traces"]?.array?.count == 1)
        #expect(try await tempo.search(#"{ resource.service.name =~ "a.b" }"#)["traces"]?.array?.count == 1)
        let json = try await tempo.get("/api/v2/traces/\(Self.traceID)")
        #expect(try JSONValue(parsing: json.body)["trace"]?["resourceSpans"]?.array?.count == 1)
    }

    @Test func aLoneSurrogateDoesNotRejectTheSpan() async throws {
        let tempo = try await TraceFixture()
        let body = TraceFixture.span(name: "NAME").split(separator: "NAME", omittingEmptySubsequences: false)
            .joined(separator: #"x\ud83d"#)
        #expect(try await tempo.push(json: body).status == .ok)
        #expect(try await tempo.search("{ name = \"x\u{FFFD}\" }")["traces"]?.array?.count == 1)
    }

    @Test func namesWithZeroBytesAreKeptWhole() async throws {
        let tempo = try await TraceFixture()
        #expect(try await tempo.push(json: TraceFixture.span(service: "s", name: "a\0b")).status == .ok)
        let spans = try await tempo.store.trace(try #require(TraceID("0195af3c8d2e4b7f9a6c1e5d70f2b384")))?.spans
        #expect(spans?.map(\.columns.name) == ["a\0b"])
        #expect(try await tempo.search(#"{ name =~ "a.b" }"#)["traces"]?.array?.count == 1)
    }

    /// Go's readers dereference these messages unchecked, so a nil makes Grafana answer 500.
    @Test(arguments: ["/api/traces/", "/api/v2/traces/"])
    func missingResourceScopeAndStatusAreFilledIn(path: String) async throws {
        let tempo = try await TraceFixture()
        let bare =
            #"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"\#(Self.traceID)","spanId":"1102030405060708"}]}]}]}"#
        #expect(try await tempo.push(json: bare).status == .ok)
        let minimal = Self.message(1, Self.message(2, Self.message(2, Self.moreIDs)))
        #expect(try await tempo.push(minimal, type: "application/x-protobuf").status == .ok)
        #expect(try await tempo.push(Self.request, type: "application/x-protobuf").status == .ok)
        let response = try await tempo.get(path + Self.traceID, headers: ["accept": "application/protobuf"])
        let body = path.contains("v2") ? try Self.content(of: response.body) : response.body
        #expect(try OTLPDecoder.traces(protobuf: body).spanCount == 4)
        #expect(try Self.absences(in: body) == [])
        // As strict as a reader can be: Python's refuses texts that are not UTF-8, and says which messages are there.
        let found = try PythonTrace.absences(in: body)
        #expect(found == [])
    }

    /// The trace in a `TraceByIDResponse`.
    private static func content(of body: [UInt8]) throws -> [UInt8] {
        try body.withProtobufReader { (reader) throws(ProtobufError) -> [UInt8] in
            var reader = reader
            while let field = try reader.nextField() {
                if field == 1 { return Array(try reader.bytesView()) }
                try reader.skip()
            }
            return []
        }
    }

    /// The messages of which a required part is missing.
    private static func absences(in body: [UInt8]) throws -> [String] {
        func fields(_ bytes: [UInt8]) throws -> [(Int, [UInt8])] {
            try bytes.withProtobufReader { (reader) throws(ProtobufError) -> [(Int, [UInt8])] in
                var reader = reader
                var result: [(Int, [UInt8])] = []
                while let field = try reader.nextField() {
                    var value = reader
                    try reader.skip()
                    result.append((field, (try? Array(value.bytesView())) ?? []))
                }
                return result
            }
        }
        var missing: [String] = []
        for (_, batch) in try fields(body) {
            let batch = try fields(batch)
            if !batch.contains(where: { $0.0 == 1 }) { missing.append("resource") }
            for (_, scope) in batch.filter({ $0.0 == 2 }) {
                let scope = try fields(scope)
                if !scope.contains(where: { $0.0 == 1 }) { missing.append("scope") }
                for (_, span) in scope.filter({ $0.0 == 2 }) {
                    let span = try fields(span)
                    if !span.contains(where: { $0.0 == 15 }) { missing.append("status") }
                    for (_, attribute) in span.filter({ $0.0 == 9 }) {
                        let hasValue = try fields(attribute).contains { $0.0 == 2 }
                        if !hasValue { missing.append("value") }
                    }
                }
            }
        }
        return missing
    }

    @Test func snakeCaseFieldNamesAreReportedAsWrong() async throws {
        let tempo = try await TraceFixture()
        let snake = #"{"resource_spans":[{"scope_spans":[{"spans":[{"trace_id":"\#(Self.traceID)"},{}]}]}]}"#
        let answer = try await tempo.push(json: snake)
        #expect(answer.status == .ok)
        let partial = try OTLPResponse(.traces, answer.body, as: .json)
        #expect(partial.rejected == 2 && partial.errorMessage.contains("\"resourceSpans\" was expected"))
        let inside =
            #"{"resourceSpans":[{"scopeSpans":[{"spans":[{"trace_id":"\#(Self.traceID)","span_id":"0102030405060708"}]}]}]}"#
        let span = try OTLPResponse(.traces, try await tempo.push(json: inside).body, as: .json)
        #expect(
            span.rejected == 1
                && span.errorMessage == "a span without a traceId: names are lowerCamelCase in OTLP/JSON, not trace_id")
        let odd = try OTLPResponse(.traces, try await tempo.push(json: #"{"spans":[]}"#).body, as: .json)
        #expect(odd.rejected == 0 && odd.errorMessage.contains("found \"spans\""))
        #expect(try await tempo.store.spanCount() == 0)
    }

    /// tempo-cli sends 0 for the default, not for none.
    @Test(arguments: [("&spss=0", 3), ("", 3), ("&spss=2", 2), ("&spss=100", 5)])
    func zeroSpansPerSetMeansTheDefault(parameter: String, count: Int) async throws {
        let tempo = try await TraceFixture()
        for index in 1...5 { _ = try await tempo.push(json: TraceFixture.span(id: "000000000000000\(index)")) }
        let found = try await tempo.search("{ }", parameter)["traces"]?[0]?["spanSet"]
        #expect(found?["spans"]?.array?.count == count)
        #expect(found?["matched"] == 5)
    }
}

/// A trace as OpenTelemetry's Python packages read it.
private enum PythonTrace {
    /// The messages that must be there and are not; throws if the bytes are no trace.
    static func absences(in body: [UInt8]) throws -> [String] {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let path =
            ProcessInfo.processInfo.environment["TAILSPAN_PYTHON"]
            ?? root.appending(path: ".build/python/bin/python3").path
        try #require(
            FileManager.default.isExecutableFile(atPath: path),
            "there is no Python at \(path): run `make test-tools`, or set TAILSPAN_PYTHON to one that has Tests/Support/requirements.txt"
        )
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = [root.appending(path: "Tests/Support/python/strict_trace.py").path, Base64.string(body)]
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        process.waitUntilExit()
        let said = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        try #require(process.terminationStatus == 0, "strict_trace.py failed: \(said)")
        let printed = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        return printed.split(separator: "\n").map(String.init)
    }
}
