import Encoding
import EventLoop
import Glibc
import HTTP
import Logging
import Metrics
import SQLite
import Testing

@testable import PocketStack
@testable import PocketStore

@Suite("The log tailer") struct LogTailerTests {
    /// A folder of logs, a database beside it, and a tailer that can be restarted.
    final class Bench {
        let folder = TemporaryFolder()
        let loop: EventLoop
        let fixture: PocketFixture
        private(set) var tailer: LogTailer
        private let maximumOpenFiles: Int?
        private let logger: Logger
        var logs: String { folder.path + "/logs" }

        init(maximumOpenFiles: Int? = nil, logger: Logger = .noOp) async throws {
            self.maximumOpenFiles = maximumOpenFiles
            self.logger = logger
            loop = try EventLoop(name: "tail-test")
            mkdir(folder.path + "/logs", 0o755)
            mkdir(folder.path + "/logs/gateway", 0o755)
            fixture = try await PocketFixture(path: folder.path + "/pocket.db")
            tailer = try Self.makeTailer(folder.path + "/logs", fixture, loop, maximumOpenFiles, logger)
        }

        private static func makeTailer(
            _ logs: String, _ fixture: PocketFixture, _ loop: EventLoop, _ maximumOpenFiles: Int?, _ logger: Logger
        ) throws -> LogTailer {
            var configuration = LogTailer.Configuration(directory: logs)
            configuration.maximumLineLength = 1000
            configuration.maximumOpenFiles = maximumOpenFiles ?? configuration.maximumOpenFiles
            return try LogTailer(
                database: fixture.database, configuration: configuration, clock: fixture.clock.wallClock,
                eventLoop: loop, logger: logger, metrics: NOOPMetricsHandler())
        }

        /// A new process: only what was committed is known.
        func restart() throws { tailer = try Self.makeTailer(logs, fixture, loop, maximumOpenFiles, logger) }

        func write(_ text: String, to name: String = "gateway/gateway.log", truncate: Bool = false) {
            write(Array(text.utf8), to: name, truncate: truncate)
        }

        func write(_ bytes: [UInt8], to name: String, truncate: Bool = false) {
            let flags = O_WRONLY | O_CREAT | (truncate ? O_TRUNC : O_APPEND)
            let descriptor = open(logs + "/" + name, flags, 0o644)
            #expect(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
            Glibc.close(descriptor)
        }

        /// Renames `name.1` to `name.2` and so on, then `name` to `name.1`.
        func rotate(_ name: String = "gateway/gateway.log") {
            for number in stride(from: 8, through: 1, by: -1) {
                rename("\(logs)/\(name).\(number)", "\(logs)/\(name).\(number + 1)")
            }
            rename("\(logs)/\(name)", "\(logs)/\(name).1")
        }

        func poll() async throws { while try await tailer.poll() {} }

        /// All lines stored, in the order they were stored.
        func lines() async throws -> [String] {
            try await fixture.database.read { database, _ in
                try database.query("SELECT line FROM log_lines ORDER BY id") { $0.text(0) }
            }
        }
    }

    @Test func linesAreFiledUnderTheirServiceAndLevel() async throws {
        let bench = try await Bench()
        let trace = "0af7651916cd43dd8448eb211c80319c"
        let line = """
            {"timestamp":"2026-11-20T15:59:59.500250Z","level":"error","service":"gateway","message":"no","trace_id":"\(trace)",\
            "span_id":"b7ad6b7169203331","request_id":"r-1"}
            """
        bench.write(line + "\n")
        try await bench.poll()
        let answer = try await bench.fixture.query(
            #"{job="tailspan"} | trace_id="\#(trace)""#,
            headers: ["x-loki-response-encoding-flags": "categorize-labels"])
        #expect(
            answer.result.first?["stream"]?.description == """
                {"job":"tailspan","level":"error","service":"gateway","service_name":"gateway","service_namespace":"tailspan"}
                """)
        let entry = answer.result.first?["values"]?[0]
        #expect(entry?[0]?.string == "1795190399500250000")
        #expect(entry?[1]?.string == line)
        #expect(
            entry?[2]?["structuredMetadata"]?.description
                == #"{"detected_level":"error","message":"no","request_id":"r-1","#
                + #""span_id":"b7ad6b7169203331","trace_id":"\#(trace)"}"#
        )
    }

    @Test func aPartialLineIsReadOnceItIsComplete() async throws {
        let bench = try await Bench()
        bench.write("one\ntw")
        try await bench.poll()
        #expect(try await bench.lines() == ["one"])
        bench.fixture.clock.advance(seconds: 60)
        try await bench.poll()
        #expect(try await bench.lines() == ["one"])
        bench.write("o\nthree\r\n\n  \n")
        try await bench.poll()
        try await bench.poll()
        #expect(try await bench.lines() == ["one", "two", "three"])
    }

    @Test func newFoldersAndFilesAreFound() async throws {
        let bench = try await Bench()
        try await bench.poll()
        mkdir(bench.logs + "/tasks", 0o755)
        bench.write("later\n", to: "tasks/tasks.log")
        bench.write("not a log\n", to: "tasks/tasks.txt")
        bench.write("hidden\n", to: "tasks/.hidden.log")
        try await bench.poll()
        #expect(try await bench.lines() == ["later"])
        #expect(try await bench.fixture.query(#"{service="tasks"}"#).lines == ["later"])
    }

    @Test func aRestartNeitherLosesNorRepeatsLines() async throws {
        let bench = try await Bench()
        bench.write("one\ntwo\nthr")
        try await bench.poll()
        try bench.restart()
        try await bench.poll()
        bench.write("ee\nfour\n")
        try bench.restart()
        try await bench.poll()
        #expect(try await bench.lines() == ["one", "two", "three", "four"])
    }

    @Test func aRotatedFileIsReadToItsEndFirst() async throws {
        let bench = try await Bench()
        bench.write("one\n")
        try await bench.poll()
        bench.write("two\n")
        bench.rotate()
        bench.write("three\n")
        try await bench.poll()
        // The service still holds the old file for a moment.
        bench.write("late\n", to: "gateway/gateway.log.1")
        try await bench.poll()
        #expect(try await bench.lines() == ["one", "two", "three", "late"])
        bench.fixture.clock.advance(seconds: 6)
        try await bench.poll()
        let positions = try await bench.fixture.database.read { database, _ in
            try database.first("SELECT count(*) FROM log_positions") { $0.int64(0) }
        }
        #expect(positions == 1)
    }

    @Test func aPartialLastLineOfARotatedFileIsReadAfterAWhile() async throws {
        let bench = try await Bench()
        bench.write("one\nhal")
        try await bench.poll()
        bench.rotate()
        bench.write("new\n")
        try await bench.poll()
        #expect(try await bench.lines() == ["one", "new"])
        bench.fixture.clock.advance(seconds: 6)
        try await bench.poll()
        #expect(try await bench.lines() == ["one", "new", "hal"])
        bench.fixture.clock.advance(seconds: 6)
        try await bench.poll()
        #expect(try await bench.lines().count == 3)
    }

    @Test(arguments: [false, true])
    func filesRotatedBetweenTwoPollsAreRead(restarts: Bool) async throws {
        let bench = try await Bench()
        bench.write("old\n", to: "gateway/gateway.log.1")
        bench.write("one\n")
        try await bench.poll()
        bench.write("two\n")
        bench.rotate()
        bench.write("three\n")
        bench.rotate()
        bench.write("four\n")
        bench.rotate()
        bench.write("five\n")
        if restarts { try bench.restart() }
        try await bench.poll()
        #expect(try await bench.lines() == ["one", "two", "three", "four", "five"])
        bench.fixture.clock.advance(seconds: 6)
        try await bench.poll()
        try bench.restart()
        try await bench.poll()
        #expect(try await bench.lines().count == 5)
    }

    @Test func aTruncatedFileIsReadFromItsStart() async throws {
        let bench = try await Bench()
        bench.write("one\ntwo\n")
        try await bench.poll()
        bench.write("three\n", truncate: true)
        try await bench.poll()
        #expect(try await bench.lines() == ["one", "two", "three"])
    }

    /// The file is as large as before at the next poll, so only its beginning shows the change.
    @Test(arguments: [false, true])
    func aFileThatWasTruncatedAndGrewAgainIsNoticed(restarts: Bool) async throws {
        let bench = try await Bench()
        bench.write("first line\n")
        try await bench.poll()
        bench.write("other line\nand one more\n", truncate: true)
        if restarts { try bench.restart() }
        try await bench.poll()
        #expect(try await bench.lines() == ["first line", "other line", "and one more"])
    }

    /// Each file has more lines than fit into one poll.
    @Test func everyFileGetsItsTurnAndKeepsItsOrder() async throws {
        let bench = try await Bench()
        mkdir(bench.logs + "/tasks", 0o755)
        let padding = String(repeating: "x", count: 900)
        for service in ["gateway", "tasks"] {
            let lines = (0..<4000).map { "\(service) \($0) \(padding)\n" }
            bench.write(lines[..<2000].joined(), to: "\(service)/\(service).log")
            try await bench.poll()
            bench.write(lines[2000..<3000].joined(), to: "\(service)/\(service).log")
            bench.rotate("\(service)/\(service).log")
            bench.write(lines[3000...].joined(), to: "\(service)/\(service).log")
        }
        #expect(try await bench.tailer.poll())
        let first = try await bench.lines()
        #expect(first.contains { $0.hasPrefix("gateway 2000 ") } && first.contains { $0.hasPrefix("tasks 2000 ") })
        try await bench.poll()
        let all = try await bench.lines()
        for service in ["gateway", "tasks"] {
            let numbers = all.filter { $0.hasPrefix(service) }.map { Int($0.split(separator: " ")[1]) }
            #expect(numbers == (0..<4000).map { $0 })
        }
    }

    @Test func aFileThatIsGoneIsForgotten() async throws {
        let bench = try await Bench()
        bench.write("one\n")
        try await bench.poll()
        try bench.restart()
        rename(bench.logs + "/gateway/gateway.log", bench.logs + "/gateway/moved.txt")
        bench.write("two\n")
        try await bench.poll()
        #expect(try await bench.lines() == ["one", "two"])
        let positions = try await bench.fixture.database.read { database, _ in
            try database.first("SELECT count(*) FROM log_positions") { $0.int64(0) }
        }
        #expect(positions == 1)
    }

    @Test func aDeletedFileIsReadToItsEnd() async throws {
        let bench = try await Bench()
        bench.write("one\n")
        try await bench.poll()
        bench.write("two\n")
        unlink(bench.logs + "/gateway/gateway.log")
        try await bench.poll()
        bench.fixture.clock.advance(seconds: 6)
        try await bench.poll()
        bench.write("three\n")
        try await bench.poll()
        #expect(try await bench.lines() == ["one", "two", "three"])
    }

    @Test func invalidBytesBecomeReplacementCharacters() async throws {
        let bench = try await Bench()
        bench.write([0xFF, 0xFE, 0x41, 0x0A, 0x00, 0x42, 0x0A, 0xC3, 0x0A], to: "gateway/gateway.log")
        try await bench.poll()
        #expect(try await bench.lines() == ["\u{FFFD}\u{FFFD}A", "\0B", "\u{FFFD}"])
        #expect(try await bench.fixture.query(#"{level="unknown"}"#).lines.count == 3)
    }

    @Test func linesBeyondTheLimitAreTruncated() async throws {
        let bench = try await Bench()
        let long = String(repeating: "x", count: 999) + "é"
        bench.write("a\n" + long + "tail\n" + String(repeating: "y", count: 1000) + "\n")
        try await bench.poll()
        let expected = ["a", String(repeating: "x", count: 999) + "\u{FFFD}", String(repeating: "y", count: 1000)]
        #expect(try await bench.lines() == expected)
        #expect(try await bench.fixture.query(#"{job="tailspan"} | truncated="true""#).lines == [expected[1]])
    }

    /// A line of megabytes arrives in pieces, and the process restarts between them.
    @Test func theRestOfAnEndlessLineIsSkipped() async throws {
        let bench = try await Bench()
        bench.write(String(repeating: "z", count: 1_500_000))
        try await bench.poll()
        #expect(try await bench.lines().count == 1)
        try bench.restart()
        bench.write(String(repeating: "z", count: 700_000) + "\nnext\n")
        try await bench.poll()
        #expect(try await bench.lines() == [String(repeating: "z", count: 1000), "next"])
    }

    @Test func aTimestampInTheFutureIsReplaced() async throws {
        let bench = try await Bench()
        bench.write(#"{"timestamp":"2099-01-01T00:00:00Z"}"# + "\n" + #"{"timestamp":"2026-11-20T15:00:00Z"}"# + "\n")
        try await bench.poll()
        let times = try await bench.fixture.database.read { database, _ in
            try database.query("SELECT time_ns FROM log_lines ORDER BY id") { $0.int64(0) }
        }
        #expect(times == [Int64(PocketFixture.start), Int64(PocketFixture.start) - 3_600_000_000_000])
    }

    @Test func linesThatCouldNotBeStoredAreReadAgain() async throws {
        let bench = try await Bench()
        bench.write("one\n")
        try await bench.poll()
        try await bench.fixture.database.write { try $0.execute(script: "ALTER TABLE log_lines RENAME TO elsewhere") }
        bench.write("two\n")
        await #expect(throws: SQLiteError.self) { try await bench.poll() }
        try await bench.fixture.database.write { try $0.execute(script: "ALTER TABLE elsewhere RENAME TO log_lines") }
        try await bench.poll()
        #expect(try await bench.lines() == ["one", "two"])
    }

    @Test func pipesFoldersAndDevicesAreIgnored() async throws {
        let bench = try await Bench()
        mkfifo(bench.logs + "/gateway/pipe.log", 0o644)
        mkdir(bench.logs + "/gateway/folder.log", 0o755)
        for (name, target) in [
            ("nowhere", "gone"), ("circle", "circle.log"), ("device", "/dev/zero"), ("queue", "pipe.log"),
        ] {
            symlink(target, bench.logs + "/gateway/\(name).log")
        }
        symlink("..", bench.logs + "/gateway/up")
        symlink(".", bench.logs + "/self")
        bench.write("one\n")
        try await bench.poll()
        #expect(try await bench.lines() == ["one"])
    }

    @Test func aMissingFolderIsWaitedFor() async throws {
        let bench = try await Bench()
        TemporaryFolder.remove(bench.logs)
        try await bench.poll()
        mkdir(bench.logs, 0o755)
        mkdir(bench.logs + "/gateway", 0o755)
        bench.write("one\n")
        try await bench.poll()
        #expect(try await bench.lines() == ["one"])
    }
}
