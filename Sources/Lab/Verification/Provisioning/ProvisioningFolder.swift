import Encoding
import Glibc
import YAML

/// Reads a folder of Grafana provisioning files as Grafana does on startup.
package enum ProvisioningFolder {
    /// - Parameters:
    ///   - path: the folder that contains `datasources`.
    ///   - environment: the variables for `$NAME` in the files.
    /// - Throws: ``VerificationError`` naming the file.
    package static func dataSources(
        _ path: String, environment: [String: String]
    ) throws(VerificationError) -> [DataSource] {
        var result: [DataSource] = []
        for (file, document) in try documents(path + "/datasources", environment) {
            for entry in document["datasources"]?.array ?? [] {
                guard let source = DataSource(entry) else {
                    throw VerificationError("\(file): expected a type in every entry of datasources")
                }
                result.append(source)
            }
        }
        return result
    }

    /// The alert rules in `alerting`, if that folder exists.
    package static func alerts(
        _ path: String, environment: [String: String]
    ) throws(VerificationError) -> [AlertRule]? {
        guard isFolder(path + "/alerting") else { return nil }
        return try documents(path + "/alerting", environment).flatMap { _, document in
            (document["groups"]?.array ?? []).flatMap { $0["rules"]?.array ?? [] }.map { AlertRule($0) }
        }
    }

    /// The dashboards in the folders that `dashboards` names. A folder that does not exist on this machine is looked
    /// for next to `path`, by its last component: containers mount it from there. `nil` if none is found.
    package static func dashboards(
        _ path: String, environment: [String: String]
    ) throws(VerificationError) -> [GrafanaDashboard]? {
        guard isFolder(path + "/dashboards") else { return nil }
        var result: [GrafanaDashboard]?
        for (_, document) in try documents(path + "/dashboards", environment) {
            for provider in document["providers"]?.array ?? [] {
                let written = provider["options"]?["path"]?.presentText ?? ""
                let last = written.split(separator: "/").last.map { String($0) } ?? ""
                let places = [written, path + "/../" + last, path + "/../../" + last]
                guard !last.isEmpty, let folder = places.first(where: isFolder) else { continue }
                for name in try names(in: folder) where name.hasSuffix(".json") {
                    let file = folder + "/" + name
                    let json: JSONValue
                    do { json = try JSONValue(parsing: read(file)) } catch {
                        throw VerificationError("\(file): \(error)")
                    }
                    if let dashboard = GrafanaDashboard(json) { result = (result ?? []) + [dashboard] }
                }
            }
        }
        return result
    }

    /// The expanded documents of all YAML files in a folder, each with its file.
    private static func documents(
        _ folder: String, _ environment: [String: String]
    ) throws(VerificationError) -> [(file: String, document: JSONValue)] {
        var result: [(String, JSONValue)] = []
        for name in try names(in: folder) where name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
            let file = folder + "/" + name
            do {
                for document in try YAML.parse(read(file)) {
                    result.append((file, GrafanaInterpolation.expand(document, environment)))
                }
            } catch { throw VerificationError("\(file): \(error)") }
        }
        return result
    }

    private static func isFolder(_ path: String) -> Bool {
        guard let folder = opendir(path) else { return false }
        closedir(folder)
        return true
    }

    private static func names(in path: String) throws(VerificationError) -> [String] {
        guard let folder = opendir(path) else {
            throw VerificationError("cannot read \(path): \(String(cString: strerror(errno)))")
        }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                })
        }
        return names.sorted()
    }

    private static func read(_ path: String) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw VerificationError("cannot be read: \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var result: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw VerificationError("cannot be read: \(String(cString: strerror(errno)))") }
            if count == 0 { return result }
            result += buffer[..<count]
        }
    }
}
