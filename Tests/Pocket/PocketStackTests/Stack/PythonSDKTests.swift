import Encoding
import Foundation
import HTTP
import TestTools
import Testing

@testable import PocketStack

/// Spans sent by the OpenTelemetry project's own SDK: `Tests/Support/python/send_spans.py`.
@Suite("Spans from the Python SDK") struct PythonSDKTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// Runs the script and gives the lines it printed.
    private func send(to endpoint: String, compression: String) throws -> [String] {
        let path = try TestTool.require(TestTool.python, "Python with OpenTelemetry's packages")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = [
            Self.root.appending(path: "Tests/Support/python/send_spans.py").path, endpoint, compression,
        ]
        // What it prints fits into a pipe.
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        process.waitUntilExit()
        let said = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        try #require(process.terminationStatus == 0, "send_spans.py failed: \(said)")
        let printed = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        return printed.split(separator: "\n").map(String.init)
    }

    @Test(arguments: ["none", "gzip"])
    func spansFromThePythonSDKArriveUnchanged(compression: String) async throws {
        try await LiveStack.run { (live) async throws in
            let endpoint = "http://127.0.0.1:\(live.stack.ports.otlpHTTP)/v1/traces"
            let ids = try send(to: endpoint, compression: compression)
            try #require(ids.count == 3)
            let query = #"{ resource.service.name = "from-python" && span.http.response.status_code > 500 }"#
            let uri = "/api/search?q=\(query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")"
            let found = try JSONValue(parsing: try await live.get(\.tempo, uri).body)["traces"]?[0]
            #expect(found?["rootTraceName"] == "parent")
            #expect(found?["spanSet"]?["spans"]?[0]?["spanID"]?.string == ids[1])
            #expect(found?["serviceStats"]?.description == #"{"from-python":{"spanCount":2,"errorCount":1}}"#)
            let page = String(decoding: try await live.get(\.console, "/trace/\(ids[0])").body, as: UTF8.self)
            #expect(page.contains("<li id=\"span-\(ids[2])\" class=\"error\">"))
            for text in ["child ü", "error: failed", "[true, false]", "exception.message"] {
                #expect(page.contains(text), "\(text)")
            }
        }
    }
}
