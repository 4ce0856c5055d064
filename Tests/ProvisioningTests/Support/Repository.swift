import Encoding
import Foundation
import YAML

/// The repository's own files.
enum Repository {
    /// Its top folder.
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func bytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: root.appending(path: path))) }

    static func text(_ path: String) throws -> String { String(decoding: try bytes(path), as: UTF8.self) }

    static func yaml(_ path: String) throws -> JSONValue { try YAML.document(bytes(path)) }

    static func json(_ path: String) throws -> JSONValue { try JSONValue(parsing: bytes(path)) }

    /// The paths, from the top, of all files below a folder that end in one of these, in order.
    static func files(under folder: String, endingIn suffixes: String...) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path)
            .filter { path in suffixes.contains { path.hasSuffix($0) } }
            .map { folder + "/" + $0 }.sorted()
    }
}
