import Foundation
import Testing

/// A copy of what scripts/stack touches, so that it may write, with a `docker` in its path that only writes down what it was
/// asked for, and says and does what the environment tells it to.
///
/// | variable | |
/// | --- | --- |
/// | `UP_STATUS` `UP_SAYS` | how `compose up` ends, and what it says |
/// | `RM_SAYS` `BUILD_SAYS` `PULL_SAYS` `SAVE_SAYS` `LOAD_SAYS` `DOWN_SAYS` `INSPECT_SAYS` | what that command fails with |
/// | `ENGINE_SAYS` | what the engine is asked in vain with |
/// | `MISSING` | an image that is not on this machine |
/// | `RUNNING` | `no`: the gateway does not run |
struct StackRoom: ~Copyable {
    static let digest = "sha256:" + String(repeating: "0123456789abcdef", count: 4)

    let folder: URL

    init(compose: String = "2.27.0", engine: String? = "25.0.0", buildx: Bool = true) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "tailspan-stack-\(UUID().uuidString)")
        let files = FileManager.default
        try files.createDirectory(at: folder.appending(path: "bin"), withIntermediateDirectories: true)
        for name in ["scripts", "compose"] {
            try files.copyItem(at: Repository.root.appending(path: name), to: folder.appending(path: name))
        }
        for name in [".env.local", "bundle"] where files.fileExists(atPath: folder.path + "/compose/" + name) {
            try files.removeItem(at: folder.appending(path: "compose/" + name))
        }
        let docker = """
            #!/usr/bin/env bash
            echo "$*" >>"\(folder.path)/calls"
            env >"\(folder.path)/environment"
            for file in compose/.rooms.*; do [ ! -f "$file" ] || cp "$file" "\(folder.path)/rooms.yaml"; done
            fails() { [ -z "$1" ] || { echo "$1" >&2; exit 1; }; }
            case "$*" in
                "compose version --short") \(compose.isEmpty ? "exit 1" : "echo \(compose)") ;;
                "version --format"*) fails "${ENGINE_SAYS:-}"; \(engine.map { "echo \($0)" } ?? "exit 1") ;;
                "buildx version") exit \(buildx ? 0 : 1) ;;
                "buildx imagetools"*no-such*) exit 1 ;;
                "buildx imagetools"*) fails "${INSPECT_SAYS:-}"; echo '"\(Self.digest)"' ;;
                "image inspect "*) [ "$3" != "${MISSING:-}" ] ;;
                "pull "*) fails "${PULL_SAYS:-}" ;;
                "save "*) echo "images"; fails "${SAVE_SAYS:-}" ;;
                "load "*) fails "${LOAD_SAYS:-}" ;;
                *" config --images") printf 'loki:1\\ntempo:1\\nloki:1\\n' ;;
                *" ps --quiet "*) [ "${RUNNING:-yes}" = no ] || echo 0123456789ab ;;
                *" rm --stop "*) fails "${RM_SAYS:-}" ;;
                *" build") fails "${BUILD_SAYS:-}" ;;
                *" down "*) fails "${DOWN_SAYS:-}" ;;
                *" up "*) fails "${UP_SAYS:-}"; exit "${UP_STATUS:-0}" ;;
            esac
            """
        try docker.write(to: folder.appending(path: "bin/docker"), atomically: true, encoding: .utf8)
        try allow(0o755, "bin/docker")
    }

    deinit {
        // A folder below /tmp: whether it goes or stays hurts nobody.
        try? FileManager.default.removeItem(at: folder)
    }

    func run(_ arguments: String..., environment: [String: String] = [:]) throws -> Tool.Result {
        var variables = ["PATH": folder.path + "/bin:/usr/bin:/bin", "GRAFANA_ADMIN_PASSWORD": ""]
        variables.merge(environment) { $1 }
        return try Tool.run(
            "/usr/bin/env", ["bash", folder.path + "/scripts/stack"] + arguments, environment: variables)
    }

    func text(_ path: String) throws -> String {
        try String(contentsOf: folder.appending(path: path), encoding: .utf8)
    }

    func write(_ text: String, to path: String) throws {
        try text.write(to: folder.appending(path: path), atomically: true, encoding: .utf8)
    }

    /// Sets who may do what with a file.
    func allow(_ mode: Int, _ path: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: folder.path + "/" + path)
    }

    func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: folder.path + "/" + path)[.posixPermissions] as? Int
    }

    /// What lies in a folder.
    func names(_ path: String) throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/" + path))
    }

    /// Puts a program into the path that says this.
    func program(_ name: String, saying text: String) throws {
        try write("#!/bin/sh\necho '\(text)'\n", to: "bin/" + name)
        try allow(0o755, "bin/" + name)
    }

    /// What the last docker had in its environment.
    func environment(_ name: String) throws -> String? {
        try text("environment").split(separator: "\n").first { $0.hasPrefix(name + "=") }
            .map { String($0.dropFirst(name.count + 1)) }
    }

    /// What docker was asked for.
    var calls: [String] {
        get throws {
            guard FileManager.default.fileExists(atPath: folder.path + "/calls") else { return [] }
            return try text("calls").split(separator: "\n").map(String.init)
        }
    }
}
