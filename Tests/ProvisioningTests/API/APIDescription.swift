import Encoding
import Foundation

/// One of the OpenAPI documents in `docs/api`.
struct APIDescription: Sendable {
    /// `gateway` or `control`.
    let name: String
    /// From the repository's top folder.
    let path: String
    private let document: JSONValue

    static func all() throws -> [APIDescription] { try ["gateway", "control"].map(Self.init) }

    init(_ name: String) throws {
        self.name = name
        path = "docs/api/\(name).openapi.yaml"
        document = try Repository.yaml(path)
    }

    /// What it says can be asked, each as `METHOD path`.
    var operations: Set<String> {
        let methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"]
        return Set(
            (document["paths"]?.object?.members ?? []).flatMap { path, item in
                methods.filter { item[$0] != nil }.map { "\($0.uppercased()) \(path)" }
            })
    }

    /// The short names of the problem types that it names.
    func problemTypes() throws -> Set<String> {
        Set(try Repository.text(path).matches(of: /urn:tailspan:problem:([a-z-]+)/).map { String($0.1) })
    }
}
