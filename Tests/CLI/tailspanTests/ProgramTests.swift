import Arguments
import Encoding
import Glibc
import ServiceTesting
import Terminal
import Testing

@testable import FileSystem
@testable import Supervision
@testable import tailspan

/// The tests run the executable that is built beside them.
@Suite("The program")
struct ProgramTests {
    struct Outcome: Sendable {
        var exit: ProcessExit
        var output: String
        var errors: String
    }

    /// The executable beside the tests.
    static var executable: String {
        get throws {
            let tests = try #require(Files.linkTarget("/proc/self/exe"))
            return "/" + tests.split(separator: "/").dropLast().joined(separator: "/") + "/tailspan"
        }
    }

    static func run(_ arguments: [String], _ environment: [String: String] = [:]) async throws -> Outcome {
        let executable = try executable
        return try await withLoop { eventLoop in
            let (output, errors) = (Lines(), Lines())
            let program = ProgramSpec(executable, arguments, environment: clockEnvironment(environment))
            let child = try ChildProcess(program, on: eventLoop) { stream, line in
                (stream == .output ? output : errors).append(line)
            }
            let exit = await child.waitForExit()
            return Outcome(
                exit: exit, output: output.all.joined(separator: "\n"), errors: errors.all.joined(separator: "\n"))
        }
    }

    @Test("The program prints its version")
    func theProgramPrintsItsVersion() async throws {
        for arguments in [["version"], ["--version"]] {
            let outcome = try await Self.run(arguments)
            #expect(outcome.exit == .code(0))
            #expect(outcome.output == "tailspan \(Tailspan.version)")
        }
        let json = try await Self.run(["version", "--json"]).output
        #expect(try JSONValue(parsing: json)["version"]?.string == Tailspan.version)
    }

    @Test("No help text wraps in 80 columns; only text to be copied may be longer")
    func noHelpWrapsInEightyColumns() throws {
        let paths = Tailspan.commands.flatMap { command in
            let name = command.configuration.name
            return [[name]] + command.configuration.subcommands.map { [name, $0.configuration.name] }
        }
        #expect(paths.count > 25)
        for path in paths + [[]] {
            guard case .help(let help) = Tailspan.program.parse(path + ["--help"]) else {
                Issue.record("\(path) has no help")
                continue
            }
            for line in help.lines(width: 80) where line.width > 80 {
                // A command, or the one word that is a fault rule's grammar.
                let isCopied = line.plain.hasPrefix("  tailspan ") || !line.plain.contains(" ")
                #expect(isCopied, "\(path): \(line.plain)")
            }
        }
    }

    @Test("Every command has help", arguments: Tailspan.commands.map { $0.configuration.name })
    func everyCommandHasHelp(name: String) async throws {
        let outcome = try await Self.run([name, "--help"])
        #expect(outcome.exit == .code(0))
        #expect(outcome.output.hasPrefix("tailspan \(name): "))
        #expect(outcome.output.contains("Options:") || outcome.output.contains("COMMAND"))
    }

    @Test(
        "A usage error is one line on standard error with exit code 2",
        arguments: [
            ["lod"], ["--nonsense"], ["load", "--rte", "5"], ["load", "--requests", "5", "--duration", "5s"],
            ["load", "--mix", "snyc=1"], ["load", "--rate", "0"], ["trace"], ["trace", "xyz"],
            ["logs", "--level", "loud"],
            ["logs", "--trace", "0"], ["up", "--stack", "own"], ["up", "--random-ports", "--ports-base", "9000"],
            ["version", "now"], ["healthcheck", "taks"], ["healthcheck", "tasks", "--url", "http://127.0.0.1:1"],
            ["healthcheck", "--timeout", "0s"],
        ])
    func aUsageErrorIsOneLineWithExitCodeTwo(arguments: [String]) async throws {
        let outcome = try await Self.run(arguments)
        #expect(outcome.exit == .code(2))
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.split(separator: "\n").count == 1)
        #expect(outcome.errors.hasPrefix("tailspan"))
        #expect(outcome.errors.contains("--help'"))
    }

    @Test(
        "A misspelt word gets a suggestion",
        arguments: [(["lod"], "load"), (["load", "--rte", "5"], "--rate"), (["load", "--mix", "snyc=1"], "sync")])
    func aMisspeltWordGetsASuggestion(arguments: [String], hint: String) async throws {
        #expect(try await Self.run(arguments).errors.contains("did you mean \(hint)?"))
    }

    @Test(
        "An unreachable service is reported with advice",
        arguments: [
            (["load", "--url", "http://127.0.0.1:1"], "no gateway answers at http://127.0.0.1:1"),
            (["logs", "--loki", "http://127.0.0.1:1"], "Loki at http://127.0.0.1:1"),
            (
                ["trace", "4bf92f3577b34da6a3ce929d0e0e4736", "--tempo", "http://127.0.0.1:1"],
                "Tempo at http://127.0.0.1:1"
            ),
        ])
    func anUnreachableServiceIsReportedWithAdvice(arguments: [String], message: String) async throws {
        let outcome = try await Self.run(arguments)
        #expect(outcome.exit == .code(1))
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.hasPrefix("error: \(message)"))
    }

    @Test("A part whose supervisor is gone before it begins does nothing")
    func aPartWhoseSupervisorIsGoneDoesNothing() async throws {
        let outcome = try await Self.run(["version"], [ParentDeath.variable: "1"])
        #expect(outcome.exit == .code(0))
        #expect(outcome.output.isEmpty)
        let supervised = try await Self.run(["version"], [ParentDeath.variable: "\(getpid())"])
        #expect(!supervised.output.isEmpty)
    }

    @Test("Colours appear in a pipe only on request")
    func coloursAppearOnlyOnRequest() async throws {
        #expect(try await !Self.run(["--help"]).output.contains("\u{1B}"))
        #expect(try await Self.run(["--help"], ["CLICOLOR_FORCE": "1"]).output.contains("\u{1B}[1m"))
    }

    @Test("A taken port is named with its owner")
    func aTakenPortIsNamedWithItsOwner() async throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        try #require(listen(descriptor, 1) == 0)
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(descriptor, $0, &length) }
        }
        let port = Int(UInt16(bigEndian: address.sin_port))
        let folder = "/tmp/tailspan-port-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        defer { #expect(throws: Never.self) { try Files.remove(folder) } }
        let outcome = try await Self.run(["up", "--ports-base", "\(port)", "--environment", folder])
        #expect(outcome.exit == .code(1))
        #expect(outcome.errors.contains("port \(port), which gateway needs, is taken by process \(getpid()) ("))
        #expect(outcome.errors.contains("--random-ports"))
    }
}
