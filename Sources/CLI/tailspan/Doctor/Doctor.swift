import EventLoop
import FileSystem
import Glibc
import HTTP
import Supervision
import Synchronization
import Terminal
import Vocabulary

/// Checks everything that the environment needs. Its means of checking are injected, for tests.
struct Doctor: Sendable {
    /// Runs a program by name; `nil` if it does not exist.
    var run: @Sendable (_ program: String, _ arguments: [String]) async -> ProgramOutput?
    /// The status that a URL returns; `nil` without an answer.
    var status: @Sendable (_ url: String) async -> HTTPStatus?
    /// Likewise, for a request with or without a tenant.
    var answer: @Sendable (_ url: String, _ tenant: Tenant?) async -> HTTPStatus? = { _, _ in nil }
    /// The process that listens on a port, if any.
    var owner: @Sendable (_ port: Int) -> Ports.Owner?
    var isFree: @Sendable (_ port: Int) -> Bool
    var readFile: @Sendable (_ path: String) -> String?
    /// Free bytes on the file system of the data.
    var freeDisk: @Sendable () -> UInt64?
    /// The environment running here, if any: it may use other ports than the default ones.
    var running: RunningEnvironment? = nil
    /// The tenant of the lines and spans, where the stores keep several tenants apart.
    var tenant: Tenant? = nil
    /// Why the folder of logs and data cannot be created or written to; `nil` if it can.
    var folderProblem: @Sendable () -> String?

    /// Why requests cannot be sent to a URL with `https:`; `nil` if they can.
    var httpsProblem: @Sendable (_ url: String) -> String? = { _ in nil }

    /// All findings, in the order in which they are shown.
    func examine() async -> [Finding] {
        var findings: [Finding] = []
        // Only a checkout of the sources is built.
        if readFile("Package.swift") != nil {
            findings.append(await toolchain())
            for library in Self.libraries { findings.append(await self.library(library)) }
        }
        findings += [folder(), disk(), memory(), https(), await docker()]
        if let running {
            findings.append(
                .ok("environment", "'tailspan up' runs in \(running.folder): process \(running.pid)"))
        }
        if let tenant, running?.isPocket == true {
            findings.append(
                .warn(
                    "tenant", "\(tenant), but the pocket stack keeps no tenants apart",
                    "for rooms of their own: 'TENANT=\(tenant) make stack', docs/rooms.md"))
        }
        for service in services { findings.append(await self.service(service)) }
        return findings
    }

    // MARK: Building

    static let leastSwift = [6, 2]

    private func toolchain() async -> Finding {
        let remedy =
            "install Swift \(Self.leastSwift.map(String.init).joined(separator: ".")) or newer: https://swift.org/install"
        guard let output = await run("swift", ["--version"]), output.exit.isSuccess else {
            return .fail("Swift", "not found on PATH", remedy)
        }
        guard let version = Self.version(in: output.text, after: "Swift version ") else {
            return .warn("Swift", "its version cannot be read from '\(output.text.prefix(60))'", remedy)
        }
        let isNewEnough = !version.parts.lexicographicallyPrecedes(Self.leastSwift)
        return isNewEnough ? .ok("Swift", version.text) : .fail("Swift", "\(version.text) is too old", remedy)
    }

    /// The first version number after `marker`.
    static func version(in text: String, after marker: String) -> (text: String, parts: [Int])? {
        guard let range = text.firstRange(of: marker) else { return nil }
        let version = text[range.upperBound...].prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let parts = version.split(separator: ".").compactMap { Int($0) }
        return parts.isEmpty ? nil : (String(version), parts)
    }

    private struct Library {
        var package: String
        var debian: String
        /// A header that Debian 12 has elsewhere, without the package's description.
        var header: String? = nil
    }

    private static let libraries = [
        Library(package: "sqlite3", debian: "libsqlite3-dev"), Library(package: "zlib", debian: "zlib1g-dev"),
        Library(package: "libcurl", debian: "libcurl4-openssl-dev"),
        Library(
            package: "libllhttp", debian: "libllhttp-dev (Debian 12: node-llhttp)",
            header: "/usr/share/include/llhttp/llhttp.h"),
        Library(package: "yaml-0.1", debian: "libyaml-dev"), Library(package: "re2", debian: "libre2-dev"),
    ]

    private func library(_ library: Library) async -> Finding {
        guard let output = await run("pkg-config", ["--modversion", library.package]) else {
            return .fail(library.package, "pkg-config is not found on PATH", "apt install pkg-config \(library.debian)")
        }
        guard output.exit.isSuccess else {
            if let header = library.header, readFile(header) != nil { return .ok(library.package, "its sources") }
            return .fail(library.package, "its headers are not installed", "apt install \(library.debian)")
        }
        return .ok(library.package, String(output.text.prefix { !$0.isNewline }))
    }

    // MARK: The machine

    private func folder() -> Finding {
        guard let problem = folderProblem() else { return .ok("folder", ".tailspan can be written to") }
        return .fail("folder", problem, "change to a folder of your own, or use --log-dir and --data-dir")
    }

    private func disk() -> Finding {
        guard let free = freeDisk() else { return .warn("disk", "its free space cannot be read", "see 'df .'") }
        let text = Self.gigabytes(free) + " free"
        if free < 200 << 20 { return .fail("disk", text, "free at least 1 GB here, or use --data-dir on another disk") }
        return free < 1 << 30 ? .warn("disk", text, "free at least 1 GB here") : .ok("disk", text)
    }

    private func memory() -> Finding {
        let kilobytes = readFile("/proc/meminfo").flatMap { text in
            text.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
                .flatMap { UInt64($0.filter(\.isNumber)) }
        }
        guard let kilobytes else { return .warn("memory", "the free memory cannot be read", "see 'free -h'") }
        let text = Self.gigabytes(kilobytes << 10) + " available"
        // The services and the pocket stack take about 100 MB, the compose stack a few hundred more.
        if kilobytes < 200 << 10 { return .fail("memory", text, "close something: the pocket stack needs 200 MB") }
        return kilobytes < 1 << 20
            ? .warn("memory", text, "enough for the pocket stack; the compose stack wants 1 GB") : .ok("memory", text)
    }

    private func https() -> Finding {
        guard let problem = httpsProblem("https:") else { return .ok("https", "available") }
        return .warn("https", problem, "not needed unless an address begins with https://, such as a collector's")
    }

    private static func gigabytes(_ bytes: UInt64) -> String {
        Duration.fixed(Double(bytes) / Double(1 << 30), 1) + " GB"
    }

    private func docker() async -> Finding {
        let remedy =
            "not needed: 'tailspan up' runs the pocket stack; for the compose stack see https://docs.docker.com/engine/install"
        guard let output = await run("docker", ["version", "--format", "{{.Server.Version}}"]) else {
            return .warn("Docker", "not installed", remedy)
        }
        guard output.exit.isSuccess else { return .warn("Docker", "installed, but its engine does not answer", remedy) }
        guard let compose = await run("docker", ["compose", "version", "--short"]), compose.exit.isSuccess else {
            return .warn("Docker", "installed, but without its 'compose' command, which 'make stack' needs", remedy)
        }
        return .ok("Docker", "engine " + output.text.prefix { !$0.isNewline })
    }

    // MARK: Listeners

    /// Something that listens on its own port.
    private struct Listener {
        var name: String
        var port: Int
        /// A path that answers 200 if the right program is there and ready; `nil` if it does not speak HTTP.
        var path: String?
        /// A path that answers 401 without a tenant, where several tenants are kept apart.
        var question: String? = nil
    }

    /// At the default ports, or where the running environment has them on this machine.
    private var services: [Listener] {
        func port(_ url: String?, _ usual: Int) -> Int {
            guard let url else { return usual }
            let authority = HTTPAuthority(url)
            return authority.isThisMachine ? authority.port : usual
        }
        return ServiceRole.allCases.map {
            Listener(name: $0.rawValue, port: port(running?.urls[$0], $0.defaultPort), path: "/readyz")
        } + [
            Listener(
                name: "Loki", port: port(running?.loki, StackPort.loki), path: "/ready",
                question: "/loki/api/v1/labels"),
            Listener(
                name: "Tempo", port: port(running?.tempo, StackPort.tempo), path: "/ready",
                question: "/api/search/tags"),
            Listener(name: "OTLP/HTTP", port: port(running?.otlp, StackPort.otlpHTTP), path: nil),
            Listener(name: "Grafana", port: port(running?.console, StackPort.grafana), path: "/api/health"),
        ]
    }

    private func service(_ listener: Listener) async -> Finding {
        let subject = "\(listener.name) :\(listener.port)"
        if isFree(listener.port) { return .ok(subject, "not running; the port is free") }
        let owner = owner(listener.port)?.description ?? "another process"
        guard let path = listener.path else { return .ok(subject, "listening: \(owner)") }
        let address = "http://127.0.0.1:\(listener.port)"
        let url = address + path
        switch await status(url) {
        case .ok?:
            if let question = listener.question, await answer(address + question, tenant) == .unauthorized {
                return .warn(
                    subject, "ready, but it keeps tenants apart and was told none: \(owner)",
                    "name yours: --tenant NAME, or \(Tenant.variable)")
            }
            return .ok(subject, "ready: \(owner)")
        case .serviceUnavailable?:
            return .warn(subject, "running, but not ready: \(owner)", "wait a moment; why is at \(url)")
        case let status:
            let answer = status.map { "answers \($0.code) at \(path)" } ?? "does not answer at \(path)"
            return .warn(subject, "taken by \(owner), which \(answer)", "stop it, or use 'tailspan up --random-ports'")
        }
    }
}

extension Doctor {
    /// Examines this machine.
    static func local(
        _ tools: Tools, _ loop: LoopTools, _ running: RunningEnvironment?, _ tenant: Tenant?
    ) -> Doctor {
        Doctor(
            run: { program, arguments in
                await output(of: ProgramSpec(program, arguments, environment: tools.environment), loop.eventLoop)
            },
            status: { url in
                // Any failure means that it does not answer.
                try? await loop.client.execute(HTTPClient.Request(url: url), timeout: .seconds(2)).status
            },
            answer: { url, tenant in
                let headers: HTTPFields = tenant.map { [Header.tenant: $0.name] } ?? [:]
                return try? await loop.client.execute(
                    HTTPClient.Request(url: url, headers: headers), timeout: .seconds(2)
                ).status
            },
            owner: Ports.owner(of:), isFree: { Ports.isFree($0) }, readFile: Files.text,
            freeDisk: {
                var status = statvfs()
                guard statvfs(".", &status) == 0 else { return nil }
                return UInt64(status.f_bavail) * UInt64(status.f_frsize)
            },
            running: running, tenant: tenant,
            folderProblem: {
                do {
                    try Files.makeFolder(".tailspan")
                    return nil
                } catch {
                    return "\(error)"
                }
            }, httpsProblem: { HTTPClient.httpsProblem(for: $0) })
    }

    /// What a program writes to standard output within ten seconds; `nil` if it cannot be started.
    private static func output(of program: ProgramSpec, _ eventLoop: EventLoop) async -> ProgramOutput? {
        let lines = OutputLines()
        let process: ChildProcess
        do {
            process = try ChildProcess(program, on: eventLoop) { stream, line in
                if stream == .output { lines.text.withLock { $0 += line + "\n" } }
            }
        } catch {
            return nil
        }
        let killer = Task(executorPreference: eventLoop) {
            try await eventLoop.sleep(for: .seconds(10))
            process.send(SIGKILL)
        }
        let exit = await process.waitForExit()
        killer.cancel()
        return ProgramOutput(exit: exit, text: lines.text.withLock { $0 })
    }

    private final class OutputLines: Sendable {
        let text = Mutex("")
    }
}
