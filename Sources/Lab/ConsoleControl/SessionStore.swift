import Encoding
import FileSystem
import Glibc
import Logging
import Synchronization
import Vocabulary

/// The sessions of all incidents, kept in a file so that a restart does not lose them. Safe to use from any thread.
final class SessionStore: Sendable {
    /// What the file holds.
    struct Contents: Sendable, Equatable {
        /// By the incident's name.
        var sessions: [String: IncidentSession] = [:]
        /// The incident that plays, so that a process which is started after a crash can clear its rules.
        var playing: String?
        /// The services that were told to keep silent about faults, and are to be told to speak again.
        var silenced: Set<ServiceRole> = []
    }

    private let path: String
    private let contents: Mutex<Contents>

    /// Reads the file, if there is one. One that cannot be understood is put aside, so that nothing overwrites it.
    init(path: String, logger: Logger) {
        self.path = path
        contents = Mutex(Self.read(path, logger) ?? Contents())
    }

    private static func read(_ path: String, _ logger: Logger) -> Contents? {
        // Only a file that is not there says nothing.
        if access(path, F_OK) != 0, errno == ENOENT { return nil }
        var reason = "it cannot be read"
        if let bytes = Files.read(path) {
            do {
                let json = try JSONValue(parsing: bytes)
                if json.object != nil { return contents(json) }
                reason = "expected a JSON object"
            } catch {
                reason = "\(error)"
            }
        }
        let aside = path + ".broken"
        let isAside = rename(path, aside) == 0
        logger.warning(
            isAside
                ? "the state of the incidents cannot be read: it was put aside, and all is as if never played"
                : "the state of the incidents cannot be read nor put aside: it will be overwritten",
            metadata: ["path": .string(path), "reason": .string(reason)])
        return nil
    }

    var value: Contents { contents.withLock { $0 } }

    /// Changes the contents and writes the file.
    func change<T>(_ body: (inout Contents) throws -> T) throws -> T {
        try contents.withLock { contents in
            var changed = contents
            let result = try body(&changed)
            guard changed != contents else { return result }
            if !folder.isEmpty { try Files.makeFolder(folder) }
            try Files.write(Self.text(changed), to: path)
            contents = changed
            return result
        }
    }

    private var folder: String {
        path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    }

    private static func contents(_ json: JSONValue) -> Contents {
        var contents = Contents()
        for (name, session) in json["sessions"]?.object?.members ?? [] {
            contents.sessions[name] = IncidentSession(session)
        }
        contents.playing = json["playing"]?.string
        contents.silenced = Set((json["silenced"]?.array ?? []).compactMap { $0.string.flatMap(ServiceRole.init) })
        return contents
    }

    private static func text(_ contents: Contents) -> String {
        var json = JSONWriter(capacity: 4096)
        json.object {
            $0.optional("playing", contents.playing)
            $0.texts("silenced", contents.silenced.map(\.rawValue).sorted())
            $0.name("sessions")
            $0.object {
                for (name, session) in contents.sessions.sorted(by: { $0.key < $1.key }) {
                    $0.name(name)
                    session.write(to: &$0)
                }
            }
        }
        return json.string + "\n"
    }
}
