import ConsoleFiles
import Encoding
import FileSystem
import HTTP
import Vocabulary

/// The scripts and style sheets of the console: those in the program, or those of a folder while somebody works on them.
struct ConsoleAssets: Sendable {
    /// Where the files are; `nil` for those in the program.
    let folder: String?

    private struct File: Sendable {
        var bytes: [UInt8]
        /// An entity tag (RFC 9110 §8.8.3), so that a browser fetches each version once.
        var tag: String

        init(_ bytes: [UInt8]) {
            self.bytes = bytes
            // FNV-1a: what matters is that another version has another tag.
            let hash = bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
            tag = "\"" + Hex.string(hash) + "\""
        }
    }

    /// The files in the program by path, such as `logs/logs.js`.
    private static let embedded: [String: File] = {
        var files: [String: File] = [:]
        for index in 0..<console_file_count() {
            let file = console_file_at(index)
            files[String(cString: file.path)] = File(Array(UnsafeBufferPointer(start: file.bytes, count: file.size)))
        }
        return files
    }()

    /// The paths of the files in the program.
    static var paths: [String] { embedded.keys.sorted() }

    /// Adds `/console/{folder}/{file}`.
    func addRoutes(to router: Router) {
        router.get("/console/{folder}/{file}") { request, context in
            let path = try context.parameters.require("folder") + "/" + context.parameters.require("file")
            guard let type = Self.type(of: path), let file = file(path) else {
                throw HTTPError(.notFound, message: "the console has no file \(path)")
            }
            let headers: HTTPFields = [
                Header.contentType: type, Header.contentTypeOptions: "nosniff", Header.cacheControl: "no-cache",
                "etag": file.tag,
            ]
            guard request.headers["if-none-match"] != file.tag else {
                return Response(status: HTTPStatus(code: 304), headers: headers)
            }
            return Response(headers: headers, body: file.bytes)
        }
    }

    private func file(_ path: String) -> File? {
        guard let folder else { return Self.embedded[path] }
        return Files.read(folder + "/" + path).map { File($0) }
    }

    /// The media type by the name's ending; `nil` for a path that no file of the console has, so that none leads out of
    /// the folder.
    private static func type(of path: String) -> String? {
        let isPlain = path.utf8.allSatisfy { byte in
            switch byte {
            case 45...47, 48...57, 97...122: true  // - . / 0-9 a-z
            default: false
            }
        }
        guard isPlain, !path.contains(".."), !path.hasPrefix("."), !path.contains("/.") else { return nil }
        if path.hasSuffix(".js") { return "text/javascript; charset=utf-8" }
        if path.hasSuffix(".css") { return "text/css; charset=utf-8" }
        return path.hasSuffix(".svg") ? "image/svg+xml" : nil
    }
}
