import Encoding
import FileSystem
import Glibc
import YAML

/// The folder of incidents, one file `NAME.yaml` each.
package struct IncidentLibrary: Sendable {
    package static let ending = ".yaml"
    /// Likely wrong extensions: incidents used to be JSON5, and `.yml` is common for YAML.
    private static let otherEndings = [".json5", ".yml"]

    package let folder: String

    package init(folder: String) { self.folder = folder }

    /// The names of all files, sorted. Files with a wrong extension are included; reading one reports the mistake.
    /// - Throws: ``IncidentError`` if the folder cannot be read.
    package func names() throws(IncidentError) -> [String] {
        guard let directory = opendir(folder) else {
            throw IncidentError(
                "no incidents in \(folder): \(String(cString: strerror(errno))); say where they are with --incidents")
        }
        defer { closedir(directory) }
        var names: Set<String> = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix("."), let stem = Self.stem(of: name) { names.insert(stem) }
        }
        return names.sorted()
    }

    /// A file's name without its extension; `nil` if it is not an incident file.
    private static func stem(of file: String) -> String? {
        ([ending] + otherEndings).first { file.hasSuffix($0) }.map { String(file.dropLast($0.count)) }
    }

    /// Reads the incident with this name or alias.
    /// - Throws: ``IncidentError`` in one line, also if no incident has that name.
    package func incident(_ name: String) throws(IncidentError) -> Incident {
        let known = try names()
        guard known.contains(name) else {
            for other in known {
                // An unreadable file has no aliases. Asking for it by name reports the error.
                if let incident = try? read(other), incident.aliases.contains(name) { return incident }
            }
            throw IncidentError("no incident '\(name)' in \(folder): " + Self.advice(for: name, among: known))
        }
        return try read(name)
    }

    private static func advice(for name: String, among known: [String]) -> String {
        // The caller passed a file where a name is expected.
        let file = name.split(separator: "/").last.map(String.init) ?? name
        if let stem = stem(of: file), known.contains(stem) {
            return "expected '\(stem)', the name of the file \(stem)\(ending) without its ending"
        }
        if let suggestion = Suggestion.closest(to: name, among: known) { return "did you mean '\(suggestion)'?" }
        return "expected " + (known.isEmpty ? "files NAME\(ending)" : FileObject.words(known))
    }

    private func read(_ name: String) throws(IncidentError) -> Incident {
        let path = folder + "/" + name + Self.ending
        guard let bytes = Files.read(path, limit: IncidentParser.limits.bytes) else {
            let problem = errno
            let other = Self.otherEndings.map { name + $0 }.first { access(folder + "/" + $0, F_OK) == 0 }
            if problem == ENOENT, let other {
                throw IncidentError(
                    "\(other): expected a YAML file called \(name)\(Self.ending); docs/incidents.md says what is in it")
            }
            throw IncidentError("cannot read \(path): \(String(cString: strerror(problem)))")
        }
        return try Incident(name: name, parsing: bytes, file: name + Self.ending)
    }
}
