import Foundation
import TestTools
import Testing

/// Every file of the stack is well-formed and holds no secret.
@Suite("Compose: form and secrets") struct TextTests {
    /// The repository's own files of these kinds, wherever they lie.
    private static func files(_ suffixes: [String], in folders: [String]) throws -> [String] {
        try folders.filter { FileManager.default.fileExists(atPath: Repository.root.appending(path: $0).path) }
            .flatMap { folder in
                try suffixes.flatMap { try Repository.files(under: folder, endingIn: $0) }
            }
            .filter { !$0.hasPrefix("compose/bundle/") && $0 != "compose/.env.local" }
    }

    @Test("Every YAML file passes yamllint") func everyYAMLFilePassesYamllint() throws {
        let yamllint = try TestTool.require(Tool.pythonTool("yamllint"), "yamllint")
        let files = try Self.files(
            [".yaml", ".yml"], in: ["compose", "loki", "tempo", "grafana", "incidents", "docs", "Tests/Support"])
        #expect(files.count > 8)
        let result = try Tool.run(yamllint, ["--strict", "-c", "Tests/Support/yamllint.yaml"] + files)
        #expect(result.status == 0, "\(result.output)")
    }

    /// A name that stands for a secret, and what it is set to. Safe to share: it is never changed, and matching keeps no state
    /// in it; `Regex` merely does not say so.
    nonisolated(unsafe) private static let assignment =
        /(?i)["']?([a-z0-9_.-]*(?:password|passwd|secret|token|access_?key|api_?key|credential)[a-z0-9_.-]*)["']?\s*[:=]\s*["']?([^\s"',#}]+)/

    /// What looks like a secret in a text: a literal behind a telling name, a private key, or letters that no word makes.
    static func secrets(in text: String) -> [String] {
        var found: [String] = []
        for line in text.split(separator: "\n") {
            if line.contains("-----BEGIN") && line.contains("PRIVATE KEY") { found.append(String(line)) }
            for match in line.matches(of: assignment) {
                let value = String(match.2)
                let stands =
                    value.hasPrefix("$") || value.hasPrefix("…") || value.hasPrefix("{") || value.hasPrefix("|")
                    || value.hasPrefix("%") || value == "."
                let harmless = ["true", "false", "null", "~", "[]", "unused"].contains(value.lowercased())
                // A name that refers to another name, as in a Kubernetes secretKeyRef, or a URL of an upload.
                let refers = value.allSatisfy { $0.isLowercase || $0 == "-" || $0 == "." } && value.contains("-")
                if !stands, !harmless, !refers { found.append("\(match.1)=\(value)") }
            }
            for word in line.split(whereSeparator: { !($0.isLetter || $0.isNumber || "+/_=".contains($0)) })
            where isRandom(word) && !line.contains("sha256:\(word)") {
                found.append(String(word))
            }
        }
        return found
    }

    /// Long, of capitals, small letters and digits, and with hardly a letter twice: no word and no path is like that.
    private static func isRandom(_ word: Substring) -> Bool {
        guard word.count >= 20, word.count <= 200, !word.contains("/") else { return false }
        guard word.contains(where: \.isUppercase), word.contains(where: \.isLowercase), word.contains(where: \.isNumber)
        else { return word.count >= 32 && word.allSatisfy(\.isHexDigit) && entropy(word) > 3 }
        return entropy(word) > 3.8
    }

    /// Bits a character.
    private static func entropy(_ word: Substring) -> Double {
        let counts = Dictionary(grouping: word) { $0 }.values.map { Double($0.count) / Double(word.count) }
        return -counts.reduce(0) { $0 + $1 * log2($1) }
    }

    @Test("No file of the stack holds a secret") func noFileHoldsASecret() throws {
        let folders = ["compose", "loki", "tempo", "grafana", "scripts"]
        let files = try Self.files(
            [".yaml", ".yml", ".json", ".alloy", ".env", "Dockerfile", "stack", "setup", ".sh"], in: folders)
        #expect(files.contains("compose/.env") && files.contains("compose/compose.yaml"))
        for file in files {
            let found = Self.secrets(in: try Repository.text(file))
            #expect(found.isEmpty, "\(file): \(found)")
        }
    }

    @Test(
        "Secrets are recognized",
        arguments: [
            "GF_SECURITY_ADMIN_PASSWORD: admin", "  password: hunter2", "api_key = \"abc\"", "adminToken: x1",
            "S3_SECRET_KEY=wJalrXUtnFEMI", "-----BEGIN RSA PRIVATE KEY-----", "key: AKIA4XZ7Qm2LpR9sTvW3b",
            "id: 9f86d081884c7d659a2feaa0c55ad015",
        ])
    func secretsAreRecognized(_ text: String) { #expect(!Self.secrets(in: text).isEmpty) }

    @Test(
        "Harmless texts are accepted",
        arguments: [
            "GF_SECURITY_ADMIN_PASSWORD: ${GRAFANA_ADMIN_PASSWORD:?set it}", "password_file: ${FILE}", "tokens: {}",
            "image: a@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "expr: sum by (service) (rate(http_server_request_duration_seconds_count[1m]))",
        ])
    func harmlessTextsAreAccepted(_ text: String) { #expect(Self.secrets(in: text).isEmpty) }
}
