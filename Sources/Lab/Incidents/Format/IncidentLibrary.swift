import Encoding
import Glibc

/// The folder that incidents are kept in.
package struct IncidentLibrary: Sendable {
    package static let ending = ".json5"

    package let folder: String

    package init(folder: String) { self.folder = folder }

    /// The names of all files, sorted.
    /// - Throws: ``IncidentError`` if the folder cannot be read.
    package func names() throws(IncidentError) -> [String] {
        guard let directory = opendir(folder) else {
            throw IncidentError(
                "no incidents in \(folder): \(String(cString: strerror(errno))); say where they are with --incidents")
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(Self.ending), !name.hasPrefix(".") {
                names.append(String(name.dropLast(Self.ending.count)))
            }
        }
        return names.sorted()
    }

    /// Reads the incident called `name`, or the one that has it among its aliases.
    /// - Throws: ``IncidentError`` in one line, also if there is none with that name.
    package func incident(_ name: String) throws(IncidentError) -> Incident {
        let known = try names()
        guard known.contains(name) else {
            for other in known {
                // One that cannot be read has no other name, and is complained of when it is asked for.
                if let incident = try? read(other), incident.aliases.contains(name) { return incident }
            }
            let suggestion = Suggestion.closest(to: name, among: known).map { "did you mean '\($0)'?" }
            throw IncidentError(
                "no incident '\(name)' in \(folder): "
                    + (suggestion ?? "expected " + (known.isEmpty ? "files NAME.json5" : FileObject.words(known))))
        }
        return try read(name)
    }

    private func read(_ name: String) throws(IncidentError) -> Incident {
        let path = folder + "/" + name + Self.ending
        guard let bytes = Self.read(path) else {
            throw IncidentError("cannot read \(path): \(String(cString: strerror(errno)))")
        }
        return try Incident(name: name, parsing: bytes, file: name + Self.ending)
    }

    private static func read(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var result: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { return result }
            result += buffer[..<count]
        }
    }
}
