import Encoding
import Glibc
import YAML

/// Reads the data sources in a folder of Grafana's provisioning files, as Grafana does when it starts.
package enum ProvisioningFolder {
    /// - Parameters:
    ///   - path: the folder that has `datasources` in it.
    ///   - environment: what `$NAME` in the files stands for.
    /// - Throws: ``VerificationError`` naming the file.
    package static func dataSources(
        _ path: String, environment: [String: String]
    ) throws(VerificationError) -> [DataSource] {
        let folder = path + "/datasources"
        var result: [DataSource] = []
        for name in try names(in: folder) where name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
            let file = folder + "/" + name
            let documents: [JSONValue]
            do { documents = try YAML.parse(read(file)) } catch { throw VerificationError("\(file): \(error)") }
            for document in documents {
                for entry in document["datasources"]?.array ?? [] {
                    guard let source = DataSource(EnvironmentExpansion.expand(entry, environment)) else {
                        throw VerificationError("\(file): expected a type in every entry of datasources")
                    }
                    result.append(source)
                }
            }
        }
        return result
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
