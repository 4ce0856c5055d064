import FileSystem
import Foundation
import HTTP
import Logging
import Testing

@testable import PocketConsole

@Suite("The console's files") struct ConsoleAssetsTests {
    private func get(
        _ path: String, folder: String? = nil, headers: HTTPFields = [:]
    ) async throws -> Response {
        let router = Router()
        ConsoleAssets(folder: folder).addRoutes(to: router)
        do {
            return try await router.buildResponder().respond(
                to: Request(uri: path, headers: headers), context: RequestContext(logger: .noOp))
        } catch let error as HTTPError {
            return error.response(instance: path)
        }
    }

    @Test("The program holds every file, byte for byte") func everyFileIsEmbedded() async throws {
        let folder = URL(filePath: #filePath).appending(path: "../../../../../Sources/Pocket/ConsoleFiles").standardized
        let all = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter {
            $0.hasSuffix(".js") || $0.hasSuffix(".css") || $0.hasSuffix(".svg")
        }
        #expect(ConsoleAssets.paths == all.sorted())
        for path in all {
            let response = try await get("/console/" + path)
            #expect(response.status == .ok)
            #expect(response.body == Array(try Data(contentsOf: folder.appending(path: path))))
        }
    }

    @Test(
        "A file has its media type, and is fetched once",
        arguments: [
            ("shell/main.js", "text/javascript; charset=utf-8"), ("shell/base.css", "text/css; charset=utf-8"),
            ("shell/mark.svg", "image/svg+xml"),
        ]) func aFileIsFetchedOnce(path: String, type: String) async throws
    {
        let first = try await get("/console/" + path)
        #expect(first.headers["content-type"] == type)
        #expect(first.headers["x-content-type-options"] == "nosniff")
        let tag = try #require(first.headers["etag"])
        let second = try await get("/console/" + path, headers: ["if-none-match": tag])
        #expect(second.status.code == 304 && second.body.isEmpty)
        let other = try await get("/console/" + path, headers: ["if-none-match": "\"1\""])
        #expect(other.status == .ok)
    }

    @Test("Another folder's files are read at each request") func anotherFolder() async throws {
        let folder = NSTemporaryDirectory() + "console-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder + "/shell", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for text in ["one", "two"] {
            try Files.write(text, to: folder + "/shell/main.js")
            let response = try await get("/console/shell/main.js", folder: folder)
            #expect(String(decoding: response.body, as: UTF8.self) == text)
        }
        #expect(try await get("/console/shell/base.css", folder: folder).status == .notFound)
    }

    @Test(
        "No path leads out of the folder",
        arguments: [
            "/console/shell/secret.txt", "/console/shell/..js", "/console/shell/.js", "/console/../shell.js",
            "/console/%2e%2e/a.js", "/console/shell/%2e%2e%2fa.js", "/console/shell/a%00.js",
        ]) func noPathLeadsOut(path: String) async throws
    {
        let folder = NSTemporaryDirectory() + "console-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder + "/shell", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for file in ["/shell/secret.txt", "/shell/..js", "/shell/.js", "/a.js"] {
            try Files.write("secret", to: folder + file)
        }
        #expect(try await get(path, folder: folder).status == .notFound)
    }
}
