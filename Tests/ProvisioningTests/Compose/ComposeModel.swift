import Encoding
import Foundation
import TestTools
import Testing

/// What Compose would make of the files of `compose/`, once they are merged, filled in and reduced to the active services.
struct ComposeModel {
    /// Which files, and with which environment.
    struct Case: CustomTestStringConvertible {
        static let allOverlays = ["dev", "docker-logs", "macos", "s3", "offline"]

        var shipper = "promtail"
        var traces = "tempo"
        var metrics = ""
        var profiles: [String] = []
        var overlays: [String] = []
        /// As given with `--profile`, in place of COMPOSE_PROFILES.
        var named: [String]?
        var environment: [String: String] = [:]

        /// Everything that can run at once.
        static let everything = Case(shipper: "promtail", traces: "jaeger", profiles: ["metrics", "load"])
        /// Each service is in one of these at least.
        static let shippers = ["promtail", "alloy", "collector"].map { shipper in
            Case(shipper: shipper, traces: "jaeger", profiles: ["metrics", "load"])
        }

        /// Each shipper, each receiver of spans, with and without what can be added, under every set of overlays.
        static let all = shippers.flatMap { base in
            ["tempo", "jaeger"].flatMap { traces in
                [[], ["metrics"], ["load"], ["metrics", "load"]].flatMap { profiles in
                    (0..<(1 << allOverlays.count)).map { set in
                        var one = base
                        one.traces = traces
                        one.profiles = profiles
                        one.overlays = allOverlays.indices.filter { set & (1 << $0) != 0 }.map { allOverlays[$0] }
                        return one
                    }
                }
            }
        }

        var testDescription: String { "\(shipper), \(traces), \(metrics), profiles \(profiles), overlays \(overlays)" }

        fileprivate func write(to json: inout JSONWriter) {
            var variables = [
                "SHIPPER": shipper, "TRACES": traces, "METRICS": metrics, "GRAFANA_ADMIN_PASSWORD": "of the test",
                "S3_ENDPOINT": "s3.example.com", "S3_ACCESS_KEY": "of the test", "S3_SECRET_KEY": "of the test",
            ]
            if !profiles.isEmpty { variables["PROFILES"] = profiles.joined(separator: ",") }
            variables.merge(environment) { $1 }
            json.object {
                $0.name("files")
                $0.array {
                    for file in [""] + overlays.map({ "." + $0 }) { $0.value("compose/compose\(file).yaml") }
                }
                $0.name("env")
                // An empty value stands for a variable that is not set at all.
                $0.object { for (name, value) in variables where !value.isEmpty { $0.member(name, value) } }
                if let named {
                    $0.name("profiles")
                    $0.array { for profile in named { $0.value(profile) } }
                }
            }
        }
    }

    var json: JSONValue

    /// Why Compose would refuse.
    var error: String? { json["error"]?.string }

    var services: [(name: String, service: ComposeService)] {
        (json["services"]?.object?.members ?? []).map { ($0.name, ComposeService(json: $0.value)) }
    }

    var names: Set<String> { Set(services.map(\.name)) }

    subscript(_ name: String) -> ComposeService? { services.first { $0.name == name }?.service }

    /// Merges all cases in one process of Python.
    static func models(_ cases: [Case]) throws -> [ComposeModel] {
        let python = try TestTool.require(TestTool.python, "python")
        var writer = JSONWriter()
        writer.array { for one in cases { one.write(to: &$0) } }
        let result = try Tool.run(python, ["Tests/Support/python/compose_config.py"], input: writer.bytes)
        try #require(result.status == 0, "\(result.output)")
        return try #require(try JSONValue(parsing: Array(result.output.utf8)).array).map { ComposeModel(json: $0) }
    }

    static func model(_ one: Case) throws -> ComposeModel {
        let model = try #require(try models([one]).first)
        try #require(model.error == nil, "\(model.error ?? "")")
        return model
    }

    /// Every service there is, as it runs in one of ``Case/shippers``, or with the other store of metrics.
    static func everyService() throws -> [(name: String, service: ComposeService)] {
        var seen: Set<String> = []
        return try models(Case.shippers + [Case(metrics: "victoriametrics")]).flatMap(\.services).filter {
            seen.insert($0.name).inserted
        }
    }
}

/// One service of a merged model.
struct ComposeService {
    var json: JSONValue

    subscript(_ key: String) -> JSONValue? { json[key] }

    func strings(_ key: String) -> [String] { json[key]?.array?.compactMap(\.string) ?? [] }

    var image: String { json["image"]?.string ?? "" }

    var environment: [String: String] {
        Dictionary(
            uniqueKeysWithValues: (json["environment"]?.object?.members ?? []).map { ($0.name, $0.value.string ?? "") })
    }

    var healthcheck: [String] { json["healthcheck"]?["test"]?.array?.compactMap(\.string) ?? [] }

    var mounts: [(type: String, source: String, target: String, isReadOnly: Bool)] {
        (json["volumes"]?.array ?? []).map {
            (
                $0["type"]?.string ?? "", $0["source"]?.string ?? "", $0["target"]?.string ?? "",
                $0["read_only"]?.bool ?? false
            )
        }
    }

    /// The mounted files and folders by whether SELinux is to label them for containers.
    func bindMounts(labelled: Bool) -> Set<String> {
        let mounts = (json["volumes"]?.array ?? []).filter { mount in
            mount["type"]?.string == "bind" && (mount["bind"]?["selinux"]?.string == "z") == labelled
        }
        return Set(mounts.compactMap { $0["target"]?.string })
    }

    /// `mem_limit` in MiB.
    var memory: Int? {
        guard let text = json["mem_limit"]?.string, text.hasSuffix("m") else { return nil }
        return Int(text.dropLast())
    }

    /// `stop_grace_period` in seconds; Docker's default where it is not set.
    var gracePeriod: Int? {
        guard let text = json["stop_grace_period"]?.string else { return 10 }
        return text.hasSuffix("s") ? Int(text.dropLast()) : nil
    }

    /// What is published: address, port on this machine, port in the container.
    var ports: [(address: String, published: Int, target: Int)] {
        strings("ports").map { text in
            let parts = text.split(separator: ":").map(String.init)
            guard parts.count == 3 else { return ("everywhere", 0, Int(parts.last ?? "") ?? 0) }
            return (parts[0], Int(parts[1]) ?? 0, Int(parts[2]) ?? 0)
        }
    }
}
