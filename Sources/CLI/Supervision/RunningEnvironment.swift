import Encoding
import FileSystem
import Glibc
import Vocabulary

/// What a running `tailspan up` tells the other commands: where everything is. It is kept in a file in the
/// environment's folder for as long as that one runs.
package struct RunningEnvironment: Sendable, Equatable {
    static let fileName = "environment.json"
    /// Says which folder is meant where no option does.
    package static let variable = "TAILSPAN_ENVIRONMENT"
    package static let usualFolder = ".tailspan"

    /// The folder that is meant where no option says so.
    package static var folderMeant: String {
        // Read here and not handed in, as the current folder is not handed in either: both say where a command is run.
        guard let value = getenv(variable), value[0] != 0 else { return usualFolder }
        return String(cString: value)
    }

    /// Of `tailspan up`.
    package var pid: Int
    /// When that process was started, in clock ticks since the machine was: tells it from a later one of the same id.
    var processStart: UInt64
    /// Nanoseconds since the Unix epoch.
    var startedAt: UInt64
    /// Absolute.
    package var folder: String
    var logFolder: String
    var dataFolder: String
    /// Whether the pocket stack plays Loki, Tempo and Grafana.
    package var isPocket: Bool
    package var urls: [ServiceRole: String]
    package var loki: String
    package var tempo: String
    package var otlp: String
    /// The console, or Grafana.
    package var console: String
    /// Whose lines and spans are sent, where the stores keep several tenants apart.
    package var tenant: Tenant?

    /// What this process has started.
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

    /// The environment of a folder, or of the folder `.tailspan` in it; `nil` if none runs there. What one that was
    /// killed left behind is not heeded.
    package static func find(in folder: String) -> RunningEnvironment? {
        for path in [folder, folder + "/" + Self.usualFolder] {
            guard let bytes = Files.read(path + "/" + fileName), let found = RunningEnvironment(parsing: bytes),
                found.isAlive
            else { continue }
            return found
        }
        return nil
    }

    /// Whether the process that wrote it still runs.
    var isAlive: Bool { Self.processStart(of: pid) == processStart }

    /// The 22nd field of `/proc/PID/stat`, proc(5); `nil` if there is no such process, or only its remains.
    static func processStart(of pid: Int) -> UInt64? {
        guard let text = Files.text("/proc/\(pid)/stat"), let end = text.lastIndex(of: ")") else { return nil }
        // The name before may hold anything; the third field is the first after it.
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
        return UInt64(fields[19])
    }

    /// - Throws: `Files.Failure`.
    package func write() throws(Files.Failure) { try Files.write(text, to: folder + "/" + Self.fileName) }

    /// Takes the file away, if it is this environment's.
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

    /// `nil` for what is no such file, or a later version's.
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
