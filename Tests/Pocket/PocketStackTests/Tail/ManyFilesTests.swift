import Encoding
import Glibc
import Logging
import SQLite
import Synchronization
import Testing

@testable import PocketStack
@testable import PocketStore

/// Keeps what is logged.
private final class MessageLog: LogHandler, Sendable {
    private let state = Mutex<[String]>([])
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    func log(event: LogEvent) { state.withLock { $0.append(event.message) } }
    var messages: [String] { state.withLock { $0 } }
}

@Suite("The log tailer with many files") struct ManyFilesTests {
    private typealias Bench = LogTailerTests.Bench

    /// All stored lines, sorted.
    private func lines(_ bench: Bench) async throws -> [String] { try await bench.lines().sorted() }

    @Test func moreFilesThanMayBeOpenAreReadInTurn() async throws {
        let log = MessageLog()
        let bench = try await Bench(maximumOpenFiles: 4, logger: Logger(label: "test", handler: log))
        let names = (10..<40).map { "gateway/f\($0).log" }
        var expected: [String] = []
        for round in 0..<4 {
            for (index, name) in names.enumerated() where (index + round) % 3 != 0 {
                bench.write("\(name) \(round)\n", to: name)
                expected.append("\(name) \(round)")
            }
            for _ in 0..<names.count { try await bench.poll() }
            #expect(try await lines(bench) == expected.sorted(), "round \(round)")
        }
        #expect(log.messages.count { $0.contains("read in turn") } == 1)
        // A new process knows how far each was read.
        try bench.restart()
        bench.write("last\n", to: names[0])
        for _ in 0..<names.count { try await bench.poll() }
        #expect(try await lines(bench) == (expected + ["last"]).sorted())
    }

    /// An unfinished line does not occupy an open file for ever.
    @Test func aPartialLineBlocksNoOtherFile() async throws {
        let bench = try await Bench(maximumOpenFiles: 2)
        let names = (10..<20).map { "gateway/f\($0).log" }
        for name in names { bench.write("\(name) whole\n\(name) ", to: name) }
        for _ in names { try await bench.poll() }
        #expect(try await lines(bench) == names.map { "\($0) whole" })
        for name in names { bench.write("ended\n", to: name) }
        for _ in names { try await bench.poll() }
        #expect(try await lines(bench) == names.flatMap { ["\($0) ended", "\($0) whole"] })
    }

    /// Lines written to a closed file before its rotation are not lost.
    @Test func aFileThatRotatesWhileClosedIsReadToItsEnd() async throws {
        let bench = try await Bench(maximumOpenFiles: 1)
        bench.write("a1\n", to: "gateway/a.log")
        bench.write("b1\n", to: "gateway/b.log")
        for _ in 0..<4 { try await bench.poll() }
        #expect(try await lines(bench) == ["a1", "b1"])
        for name in ["gateway/a.log", "gateway/b.log"] {
            let letter = name.contains("a.log") ? "a" : "b"
            bench.write("\(letter)2\n", to: name)
            bench.rotate(name)
            bench.write("\(letter)3\n", to: name)
        }
        for _ in 0..<8 {
            try await bench.poll()
            bench.fixture.clock.advance(seconds: 6)
        }
        #expect(try await lines(bench) == ["a1", "a2", "a3", "b1", "b2", "b3"])
    }

    /// If descriptors run out, the folder's files must not be read again from the start afterwards.
    @Test func anUnreadableFolderIsNotTakenForEmpty() throws {
        let folder = TemporaryFolder()
        // In place of a process without descriptors: a name that is too long to be opened.
        let unreadable = LogFolder(folder.path + "/" + String(repeating: "x", count: 300))
        #expect(throws: LogFolder.Problem.self) { try unreadable.files(preferring: []) }
        #expect(try LogFolder(folder.path + "/none").files(preferring: []) == [])
    }

    @Test func symbolicLinksAreFollowedAndNoFileIsReadTwice() async throws {
        let bench = try await Bench()
        let outside = bench.folder.path + "/outside"
        mkdir(outside, 0o755)
        func write(_ text: String, _ path: String) {
            let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o644)
            #expect(Glibc.write(descriptor, text, text.utf8.count) == text.utf8.count)
            close(descriptor)
        }
        write("linked file\n", outside + "/real.txt")
        symlink(outside + "/real.txt", bench.logs + "/gateway/link.log")
        mkdir(outside + "/folder", 0o755)
        write("linked folder\n", outside + "/folder/shop.log")
        symlink(outside + "/folder", bench.logs + "/shop")
        bench.write("plain\n")
        // Other names of what is read already: a link and a second name, both before the first in the alphabet.
        symlink("gateway.log", bench.logs + "/gateway/a-link.log")
        link(bench.logs + "/gateway/gateway.log", bench.logs + "/gateway/b-name.log")
        try await bench.poll()
        #expect(try await lines(bench) == ["linked file", "linked folder", "plain"])
        symlink("gateway.log", bench.logs + "/gateway/0-late.log")
        write("more\n", outside + "/real.txt")
        bench.write("more plain\n")
        try await bench.poll()
        try bench.restart()
        try await bench.poll()
        #expect(try await lines(bench) == ["linked file", "linked folder", "more", "more plain", "plain"])
        let services = try await bench.fixture.get("/loki/api/v1/label/service/values").json["data"]
        #expect(services == ["gateway", "shop"])
    }

    @Test func aRecurringProblemIsLoggedOnceAndSoIsItsEnd() {
        struct Full: Error, CustomStringConvertible { var description: String }
        let log = MessageLog()
        let logger = Logger(label: "test", handler: log)
        let problem = RecurringProblem("lines could not be stored", recovery: "lines are stored again")
        problem.ended(logger)
        for _ in 0..<40 { problem.occurred(Full(description: "the disk is full"), logger) }
        #expect(log.messages == ["lines could not be stored; this is said once"])
        problem.occurred(Full(description: "no such table"), logger)
        #expect(log.messages.count == 2)
        problem.ended(logger)
        problem.ended(logger)
        #expect(log.messages.last == "lines are stored again" && log.messages.count == 3)
        problem.occurred(Full(description: "the disk is full"), logger)
        #expect(log.messages.count == 4)
    }

    @Test func aFailingStoreIsLoggedOnceWhileFilesAreFollowed() async throws {
        let log = MessageLog()
        let bench = try await Bench(logger: Logger(label: "test", handler: log))
        bench.write("one\n")
        try await bench.fixture.database.write { try $0.execute(script: "ALTER TABLE log_lines RENAME TO elsewhere") }
        for _ in 0..<5 { await bench.tailer.pollOrReport() }
        #expect(log.messages == ["log lines could not be stored; this is said once"])
        try await bench.fixture.database.write { try $0.execute(script: "ALTER TABLE elsewhere RENAME TO log_lines") }
        await bench.tailer.pollOrReport()
        #expect(log.messages.last == "log lines are stored again")
        #expect(try await lines(bench) == ["one"])
    }
}
