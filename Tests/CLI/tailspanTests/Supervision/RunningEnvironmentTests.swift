import Arguments
import Glibc
import Testing
import Vocabulary

@testable import FileSystem
@testable import Supervision
@testable import tailspan

@Suite("The record of a running environment")
struct RunningEnvironmentTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let path = "/tmp/tailspan-env-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        try Files.makeFolder(path)
        defer { #expect(throws: Never.self) { try Files.remove(path) } }
        try body(path)
    }

    /// One that this process, which is alive, claims to run at ports from 9000 on.
    private func environment(in folder: String) -> RunningEnvironment {
        var layout = StackLayout(stack: .pocket, logFolder: folder + "/l", dataFolder: folder + "/d")
        layout.use(Array(9000..<9000 + StackLayout.portCount))
        return RunningEnvironment(layout, folder: folder, now: 1_795_192_321_000_000_000)
    }

    @Test("A record is found in its folder and in the folder above `.tailspan`")
    func aRecordIsFoundInItsFolderAndAbove() throws {
        try withFolder { folder in
            let inner = folder + "/.tailspan"
            try Files.makeFolder(inner)
            #expect(RunningEnvironment.find(in: inner) == nil)
            let written = environment(in: inner)
            try written.write()
            #expect(RunningEnvironment.find(in: inner) == written)
            #expect(RunningEnvironment.find(in: folder) == written)
            #expect(written.urls[.tasks] == "http://127.0.0.1:9001")
            #expect(written.otlp == "http://127.0.0.1:9006")
            #expect(written.logFolder.hasPrefix("/"))
            #expect(written.tenant == nil && !written.text.contains("tenant"))
            var room = written
            room.tenant = Tenant("room-a")
            try room.write()
            #expect(RunningEnvironment.find(in: inner)?.tenant == Tenant("room-a"))
            try written.remove()
            #expect(RunningEnvironment.find(in: inner) == nil)
            #expect(Files.names(in: inner).isEmpty)
        }
    }

    @Test("A record is ignored when its process is gone or replaced, or when it is truncated")
    func aStaleOrTruncatedRecordIsIgnored() throws {
        try withFolder { folder in
            var gone = environment(in: folder)
            gone.processStart += 1
            try gone.write()
            #expect(RunningEnvironment.find(in: folder) == nil)
            gone = environment(in: folder)
            gone.pid = 1 << 22
            try gone.write()
            #expect(RunningEnvironment.find(in: folder) == nil)
            // What another has written is not taken away.
            try environment(in: folder).remove()
            #expect(Files.names(in: folder) == [RunningEnvironment.fileName])
            let text = environment(in: folder).text
            try Files.write(String(text.prefix(text.count / 2)), to: folder + "/" + RunningEnvironment.fileName)
            #expect(RunningEnvironment.find(in: folder) == nil)
        }
    }

    @Test("Every command finds the addresses, a URL option wins, and a wrong folder is a usage error")
    func everyCommandFindsTheAddresses() throws {
        try withFolder { folder in
            try environment(in: folder).write()
            let here = ["--environment", folder]
            func parsed<C: Command>(_ type: C.Type, _ words: [String]) throws -> C {
                guard case .run(let command, _) = Tailspan.program.parse(words + here) else {
                    throw ParseFailure(words: words)
                }
                return try #require(command as? C)
            }
            let verify = try parsed(VerifyCommand.self, ["verify", "--loki", "http://l", "--tasks", "http://t/"])
            #expect(verify.backends.loki == "http://l")
            #expect(verify.backends.tempo == "http://127.0.0.1:9005")
            #expect(verify.services.urls[.tasks] == "http://t")
            #expect(verify.services.urls[.payments] == "http://127.0.0.1:9003")
            let load = try parsed(LoadCommand.self, ["load"])
            #expect(load.environment.running?.urls[.gateway] == "http://127.0.0.1:9000")
            #expect(try parsed(LogsCommand.self, ["logs"]).stores.loki == "http://127.0.0.1:9004")
            let id = "4bf92f3577b34da6a3ce929d0e0e4736"
            #expect(try parsed(TraceCommand.self, ["trace", id]).backends.tempo == "http://127.0.0.1:9005")
            let list = try parsed(FaultListCommand.self, ["fault", "list"])
            #expect(list.services.urls[.executor] == "http://127.0.0.1:9002")
            let run = try parsed(
                IncidentRunCommand.self,
                ["incident", "run", "unsettled-tasks", "--incidents", IncidentCommandTests.incidents])
            #expect(run.services.urls[.gateway] == "http://127.0.0.1:9000")
            #expect(run.backends.loki == "http://127.0.0.1:9004")
            let health = try parsed(HealthcheckCommand.self, ["healthcheck", "tasks"])
            let running = health.environment.running
            #expect(try HealthcheckCommand.url(role: .tasks, [:], running) == "http://127.0.0.1:9001/healthz")
            #expect(try HealthcheckCommand.url(role: .tasks, ["PORT": "7"], running) == "http://127.0.0.1:7/healthz")
            let misuse = Tailspan.program.parse(["verify", "--environment", folder + "/none"])
            guard case .misuse(let message) = misuse else {
                Issue.record("not misuse: \(misuse)")
                return
            }
            #expect(message.contains("none runs in"))
        }
    }

    private struct ParseFailure: Error { var words: [String] }

    @Test("The usual ports are the default where no environment runs")
    func theUsualPortsAreTheDefault() throws {
        try withFolder { folder in
            let running = RunningEnvironment.find(in: folder)
            #expect(ServiceOptions.url(of: .tasks, given: nil, running) == "http://127.0.0.1:8081")
        }
    }
}

@Suite("The lock of a folder")
struct FolderLockTests {
    private let folder = "/tmp/tailspan-lock-\(getpid())-\(UInt32.random(in: 0 ... .max))"

    @Test("A second lock on any of the folders names the first owner until the first is released")
    func aSecondLockNamesTheFirstOwner() throws {
        defer { #expect(throws: Never.self) { try Files.remove(folder) } }
        let names = ["a", "b", "c"].map { folder + "/" + $0 }
        var first: FolderLock? = try FolderLock(names)
        for name in names {
            let taken = #expect(throws: FolderLock.Taken.self) { try FolderLock([folder + "/own", name]) }
            #expect(taken?.description == "another tailspan up uses \(name) (pid \(getpid()))")
        }
        withExtendedLifetime(first) {}
        first = nil
        // What was refused has left nothing locked behind.
        _ = try FolderLock([folder + "/own"] + names)
    }

    @Test("Two names of one folder do not conflict")
    func twoNamesOfOneFolderDoNotConflict() throws {
        defer { #expect(throws: Never.self) { try Files.remove(folder) } }
        _ = try FolderLock([folder, folder + "/", folder + "/."])
    }
}

@Suite("The restart budget of a part")
struct RestartBudgetTests {
    @Test("Pauses double, a part stays down after five in a row, and a longer life resets them")
    func pausesDoubleUntilThePartStaysDown() {
        var budget = RestartBudget()
        let pauses = (0..<7).map { _ in budget.pause(afterLifetime: .seconds(1)) }
        #expect(pauses == [.seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(16), nil, nil])
        #expect(budget.pause(afterLifetime: .seconds(60)) == .seconds(1))
        #expect(budget.pause(afterLifetime: .seconds(59)) == .seconds(2))
    }
}
