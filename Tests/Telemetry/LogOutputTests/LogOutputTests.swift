import EventLoop
import Glibc
import Logging
import Metrics
import Synchronization
import Testing
import Tracing

@testable import LogOutput

@Suite("The log output")
struct LogOutputTests {
    let folder: LogFolder
    let clock = ManualClock()
    let reports = Reports()

    init() throws { folder = try LogFolder() }

    private func output(
        directory: String? = nil, rotation: LogRotation = LogRotation(), format: LogConfiguration.Format = .json,
        eventLoop: EventLoop? = nil, metrics: any MetricsFactory = NOOPMetricsHandler()
    ) -> LogOutput {
        var configuration = LogConfiguration()
        configuration.format = format
        configuration.directory = directory ?? folder.path
        configuration.stdout = false
        configuration.rotation = rotation
        return LogOutput(
            configuration: configuration, identity: LogIdentity(service: "tasks"), clock: clock.clock,
            eventLoop: eventLoop, metrics: metrics, report: reports.report)
    }

    private func logger(_ output: LogOutput, _ level: Logger.Level = .trace) -> Logger {
        Logger(label: "tasks", handler: output.handler(level: level))
    }

    @Test func theCurrentSpanAndRequestAreOnTheLine() throws {
        let output = output()
        let logger = logger(output)
        ServiceContext.withValue(context(span: exampleSpan, requestID: "r-1")) { logger.info("inside") }
        logger.info("outside")
        let lines = content(of: folder.log()).split(separator: "\n")
        #expect(lines.count == 2)
        #expect(
            lines[0].contains(#""trace_id":"4bf92f3577b34da6a3ce929d0e0e4736""#)
                && lines[0].contains(#""request_id":"r-1""#))
        #expect(!lines[1].contains("trace_id") && !lines[1].contains("request_id"))
        #expect(output.filePath == folder.log())
    }

    @Test func onlyLinesFromTheLoggersLevelOnAreWritten() {
        let logger = logger(output(), .notice)
        for level in Logger.Level.allCases { logger.log(level: level, level.rawValue) }
        let text = content(of: folder.log())
        for level in Logger.Level.allCases {
            #expect(text.contains(#""message":"\#(level.rawValue)""#) == (level >= .notice))
        }
    }

    @Test func aCopiedLoggerKeepsItsOwnFields() {
        let first = logger(output())
        var second = first
        second[metadataKey: "task_id"] = "t-1"
        first.info("first")
        second.info("second", metadata: ["amount": 5])
        let lines = content(of: folder.log()).split(separator: "\n")
        #expect(!lines[0].contains("task_id") && lines[1].hasSuffix(#""task_id":"t-1","amount":5}"#))
    }

    @Test func fileAndStandardOutputGetTheSameLines() throws {
        var configuration = LogConfiguration()
        configuration.directory = folder.path
        let standardOutput = folder.path + "/stdout"
        let descriptor = open(standardOutput, O_WRONLY | O_CREAT, 0o644)
        defer { close(descriptor) }
        let output = LogOutput(
            configuration: configuration, identity: LogIdentity(service: "tasks"), clock: clock.clock,
            descriptor: descriptor, report: reports.report)
        for number in 0..<100 { logger(output).info("line \(number)") }
        #expect(content(of: folder.log()) == content(of: standardOutput))
        #expect(content(of: standardOutput).split(separator: "\n").count == 100)
    }

    /// Whatever the name of a service, its file lies two levels below the folder.
    @Test(arguments: [
        "../../evil", "..", ".", "/etc/passwd", "a/b", "", " ", "tasks\u{0}x", "tasks\n", "\u{1B}[2J", ".hidden",
        "a\\b",
        String(repeating: "x", count: 5000), String(repeating: "é", count: 500), "tasks\u{202E}gol",
    ])
    func noServiceNameEscapesTheFolder(_ name: String) throws {
        let output = LogOutput(
            configuration: {
                var configuration = LogConfiguration()
                configuration.directory = folder.path
                configuration.stdout = false
                return configuration
            }(), identity: LogIdentity(service: name), clock: clock.clock, report: reports.report)
        logger(output).info("hello")
        let path = try #require(output.filePath)
        let parts = path.dropFirst(folder.path.count + 1).split(separator: "/", omittingEmptySubsequences: false)
        #expect(parts.count == 2 && parts[1] == parts[0] + ".log")
        #expect(!parts[0].isEmpty && parts[0].first != "." && parts[0].utf8.count <= 120)
        #expect(!path.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F })
        #expect(content(of: path).contains("hello"))
        #expect(reports.all.isEmpty)
    }

    @Test func usualFileNamesStayAndOthersDoNotCollide() {
        for name in ["tasks", "my-shop.checkout_2", "größe", "a..b"] { #expect(LogFileName.safe(name) == name) }
        let names = ["a/b", "a_b", "a\\b", "a b", "/a_b", ".", "..", "_", "", "./", "\u{0}"]
        #expect(Set(names.map(LogFileName.safe)).count == names.count)
    }

    /// Standard output is full and has many lines pending, but the file still gets every line.
    @Test func theFileGetsEveryLineWhileStandardOutputIsFull() throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        var configuration = LogConfiguration()
        configuration.directory = folder.path
        let output = LogOutput(
            configuration: configuration, identity: LogIdentity(service: "tasks"), clock: clock.clock,
            descriptor: ends[1],
            report: reports.report)
        let logger = logger(output)
        // More than pipe (64 KiB), a buffer worth a write (64 KiB) and the buffer as a whole (1 MiB) hold.
        let text = String(repeating: "x", count: 1000)
        for number in 0..<1500 { logger.info("line \(number) \(text)") }
        let lines = content(of: folder.log()).split(separator: "\n")
        #expect(lines.count == 1500)
        for (number, line) in lines.enumerated() { #expect(line.contains("\"line \(number) ")) }
        #expect(reports.all.contains { $0.contains("stdout") })
    }

    @Test func linesLoggedOnTheLoopAreWrittenWhenItIsIdle() throws {
        let loop = try EventLoop(name: "log-test")
        let output = output(eventLoop: loop)
        let logger = logger(output)
        let path = folder.log()
        let seen = Mutex<[String]>([])
        try loop.start()
        loop.submit {
            logger.info("deferred")
            seen.withLock { $0.append(content(of: path)) }
            logger.critical("at once")
            seen.withLock { $0.append(content(of: path)) }
            logger.info("later")
        }
        // The loop writes what is left before it ends.
        loop.stop()
        #expect(seen.withLock { $0[0] } == "")
        #expect(seen.withLock { $0[1] }.split(separator: "\n").count == 2)
        #expect(content(of: path).split(separator: "\n").count == 3)
    }

    @Test func theLoopWritesWhatItsHandlersLogged() async throws {
        let loop = try EventLoop(name: "log-test")
        let output = output(eventLoop: loop)
        let logger = logger(output)
        try loop.start()
        loop.submit { logger.info("by the loop") }
        let path = folder.log()
        let deadline = ContinuousClock.now + .seconds(60)
        while content(of: path).isEmpty, ContinuousClock.now < deadline { await Task.yield() }
        #expect(content(of: path).contains("by the loop"))
        // Any other thread's line is there when the call returns.
        logger.info("from elsewhere")
        #expect(content(of: path).contains("from elsewhere"))
        loop.stop()
    }

    @Test func concurrentLinesStayWholeWhileFilesRotate() throws {
        let output = output(rotation: LogRotation(maxBytes: 16_384, maxFiles: 1000))
        let logger = logger(output)
        let threads = try (0..<4).map { (thread: Int64) in
            try TestThread {
                for number in 0..<5000 {
                    logger.info("line", metadata: ["thread": .integer(thread), "number": .integer(Int64(number))])
                }
            }
        }
        for thread in threads { thread.join() }
        var next = [0, 0, 0, 0]
        let start =
            #"{"timestamp":"2026-11-20T16:32:01.123456Z","level":"info","service":"tasks","message":"line","thread":"#
        let names = LogFolder.names(in: folder.path + "/tasks")
        #expect(names.count > 100)
        // The oldest first: each thread's lines must come in order, none missing, none twice.
        for number in (0..<names.count).reversed() {
            let text = content(of: folder.log("tasks", number == 0 ? nil : number))
            #expect(text.utf8.count <= 16_384 && text.hasSuffix("\n"))
            for line in text.split(separator: "\n") {
                let thread = try #require(line.dropFirst(start.utf8.count).first?.wholeNumberValue)
                try #require(line == "\(start)\(thread),\"number\":\(next[thread])}")
                next[thread] += 1
            }
        }
        #expect(next == [5000, 5000, 5000, 5000])
        #expect(output.counters[0].counters.linesWritten == 20_000)
    }

    @Test func aFullDiskIsReportedOnceAndStopsNothing() throws {
        mkdir(folder.path + "/tasks", 0o755)
        symlink("/dev/full", folder.log())
        let output = output()
        let logger = logger(output)
        for number in 0..<20_000 {
            logger.info("line \(number)")
            clock.advance(milliseconds: 1)
        }
        #expect(reports.all.count == 1)
        #expect(reports.all[0].hasPrefix("cannot write \(folder.log()): No space left on device"))
        let counters = output.counters[0].counters
        #expect(counters.linesWritten == 0 && counters.linesDropped > 1000)
        // Space again: what was kept is written, the loss is told.
        unlink(folder.log())
        clock.advance(milliseconds: 2000)
        logger.info("recovered")
        let lines = content(of: folder.log()).split(separator: "\n")
        #expect(lines.first?.contains(#""line 0""#) == true && lines.count == counters.linesWritten)
        #expect(reports.all.last == "\(folder.log()) takes log lines again; \(counters.linesDropped) were dropped")
    }

    @Test func aFolderThatCannotBeCreatedIsReportedAtTheStart() {
        let output = output(directory: "/etc/passwd/x")
        #expect(
            reports.all.count == 1 && reports.all[0].hasPrefix("cannot create the folder /etc/passwd/x/tasks: Not a"))
        for _ in 0..<10 { logger(output).error("still here") }
        output.close()
        #expect(reports.all.count == 1 && output.counters[0].counters.linesDropped == 10)
    }

    @Test func anErrorThatLogsInItsDescriptionDoesNotDeadlock() {
        struct Chatty: Error, CustomStringConvertible {
            var logger: Logger
            var description: String {
                logger.info("being described")
                return "chatty"
            }
        }
        let logger = logger(output())
        logger.error("failed", error: Chatty(logger: logger))
        let lines = content(of: folder.log()).split(separator: "\n")
        #expect(lines.count == 2 && lines[0].contains("being described") && lines[1].contains(#""message":"chatty"}"#))
    }

    @Test func writtenAndDroppedLinesAreMeasured() {
        let metrics = ObservedMetrics()
        let output = output(directory: "/etc/passwd/x", metrics: metrics)
        logger(output).info("lost")
        output.close()
        #expect(
            metrics.values == ["tailspan.log.lines.written{sink=file}": 0, "tailspan.log.lines.dropped{sink=file}": 1])
    }

    @Test func linesAfterTheCloseAreStillWritten() {
        let output = output()
        output.close()
        logger(output).info("late")
        #expect(content(of: folder.log()).contains("late"))
    }
}

/// Keeps what is observed, by label and dimensions.
private final class ObservedMetrics: MetricsFactory {
    private let base = NOOPMetricsHandler()
    private let observed = Mutex<[String: @Sendable () -> Double]>([:])

    var values: [String: Double] { observed.withLock { $0.mapValues { $0() } } }

    func makeCounter(
        label: String, description: String, unit: String, dimensions: [(String, String)]
    )
        -> any CounterHandler
    { base }
    func makeGauge(
        label: String, description: String, unit: String, dimensions: [(String, String)]
    )
        -> any GaugeHandler
    { base }
    func makeHistogram(
        label: String, description: String, unit: String, buckets: [Double], dimensions: [(String, String)]
    ) -> any HistogramHandler { base }
    func observe(
        label: String, description: String, unit: String, kind: ObservableKind, dimensions: [(String, String)],
        read: @escaping @Sendable () -> Double
    ) {
        let names = dimensions.map { "\($0.0)=\($0.1)" }.joined(separator: ",")
        observed.withLock { $0["\(label){\(names)}"] = read }
    }
}
