import Encoding
import FileSystem
import Glibc
import Vocabulary

/// Where everything in a running `tailspan up` is, for the other commands. Stored in a file in the environment's folder
/// for as long as the environment runs.
package struct RunningEnvironment: Sendable, Equatable {
    static let fileName = "environment.json"
    /// Names the folder if no option does.
    package static let variable = "TAILSPAN_ENVIRONMENT"
    package static let usualFolder = ".tailspan"

    /// The folder to use if no option names one.
    package static var folderMeant: String {
        // Read here rather than passed in, like the current folder: both depend on where a command is run.
        guard let value = getenv(variable), value[0] != 0 else { return usualFolder }
        return String(cString: value)
    }

    /// The process id of `tailspan up`.
    package var pid: Int
    /// When that process was started, in clock ticks since boot: distinguishes it from a later process with the same
    /// id.
    var processStart: UInt64
    /// Nanoseconds since the Unix epoch.
    var startedAt: UInt64
    /// Absolute.
    package var folder: String
    var logFolder: String
    var dataFolder: String
    /// Whether the pocket stack replaces Loki, Tempo and Grafana.
    package var isPocket: Bool
    package var urls: [ServiceRole: String]
    package var loki: String
    package var tempo: String
    package var otlp: String
    /// The URL of the console, or of Grafana.
    package var console: String
    /// The tenant of the lines and spans sent, where the stores keep several tenants apart.
    package var tenant: Tenant?

    /// Describes what this process has started.
    package init(_ layout: StackLayout, folder: String, tenant: Tenant? = nil, now: UInt64) {
        pid = Int(getpid())
        processStart = Self.processStart(of: Int(getpid())) ?? 0
        startedAt = now
        self.folder = Files.absolute(folder)
        logFolder = Files.absolute(layout.logFolder)
        dataFolder = Files.absolute(layout.dataFolder)
        isPocket = layout.stack == .pocket
        urls = Dictionary(uniqueKeysWithValues: ServiceRole.allCases.map { ($0, layout.url(of: $0)) })
        (loki, tempo, otlp, console) = (layout.lokiURL, layout.tempoURL, layout.otlpURL, layout.consoleURL)
        self.tenant = tenant
    }

    /// The environment of a folder, or of the folder `.tailspan` in it; `nil` if none is running there. A file left
    /// behind by a killed environment is ignored.
    package static func find(in folder: String) -> RunningEnvironment? {
        for path in [folder, folder + "/" + Self.usualFolder] {
            guard let bytes = Files.read(path + "/" + fileName), let found = RunningEnvironment(parsing: bytes),
                found.isAlive
            else { continue }
            return found
        }
        return nil
    }

    /// Whether the process that wrote it is still running.
    var isAlive: Bool { Self.processStart(of: pid) == processStart }

    /// The 22nd field of `/proc/PID/stat`, proc(5); `nil` if the process does not exist or is a zombie.
    static func processStart(of pid: Int) -> UInt64? {
        guard let text = Files.text("/proc/\(pid)/stat"), let end = text.lastIndex(of: ")") else { return nil }
        // The name may contain any character; the third field is the first one after it.
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
        return UInt64(fields[19])
    }

    /// - Throws: `Files.Failure`.
    package func write() throws(Files.Failure) { try Files.write(text, to: folder + "/" + Self.fileName) }

    /// Deletes the file if it belongs to this environment.
    package func remove() throws(Files.Failure) {
        let path = folder + "/" + Self.fileName
        guard let bytes = Files.read(path), RunningEnvironment(parsing: bytes)?.pid == pid else { return }
        try Files.remove(path)
    }

    var text: String {
        var json = JSONWriter()
        json.object {
            $0.member("pid", pid)
            $0.member("process_start", processStart)
            $0.member("started_at", RFC3339.string(nanosecondsSinceEpoch: startedAt))
            $0.member("folder", folder)
            $0.member("log_dir", logFolder)
            $0.member("data_dir", dataFolder)
            $0.member("stack", isPocket ? "pocket" : "external")
            for role in ServiceRole.allCases { $0.member(role.rawValue, urls[role] ?? "") }
            $0.member("loki", loki)
            $0.member("tempo", tempo)
            $0.member("otlp", otlp)
            $0.member("console", console)
            if let tenant { $0.member("tenant", tenant.name) }
        }
        return json.string + "\n"
    }

    /// `nil` if it is not such a file, or was written by a later version.
    init?(parsing bytes: [UInt8]) {
        guard let json = try? JSONValue(parsing: bytes), let pid = json["pid"]?.integer,
            let processStart = json["process_start"]?.integer.flatMap({ UInt64(exactly: $0) }),
            let folder = json["folder"]?.string, let loki = json["loki"]?.string, let tempo = json["tempo"]?.string,
            let otlp = json["otlp"]?.string, let console = json["console"]?.string
        else { return nil }
        self.pid = Int(pid)
        self.processStart = processStart
        startedAt = json["started_at"]?.string.flatMap { RFC3339.parse($0.utf8) } ?? 0
        self.folder = folder
        logFolder = json["log_dir"]?.string ?? ""
        dataFolder = json["data_dir"]?.string ?? ""
        isPocket = json["stack"] == "pocket"
        urls = [:]
        for role in ServiceRole.allCases {
            guard let url = json[role.rawValue]?.string else { return nil }
            urls[role] = url
        }
        (self.loki, self.tempo, self.otlp, self.console) = (loki, tempo, otlp, console)
        tenant = json["tenant"]?.string.flatMap(Tenant.init)
    }
}
