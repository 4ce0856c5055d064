import EventLoop
import FaultHooks
import Logging
import Metrics
import ServiceTesting
import Testing
import TraceContext
import Tracing
import Vocabulary

@testable import FaultKinds
@testable import FaultRules
@testable import LogOutput

@Suite("The log output with faults injected")
struct FaultyLogOutputTests {
    private let folder: LogFolder
    private let clock = ManualClock()
    private let reports = Reports()
    private let ledger = FaultLedger(path: nil) { _ in }

    init() throws { folder = try LogFolder() }

    /// An output, and the handler that writes to it what an injector makes of lines.
    private struct Subject {
        let output: LogOutput
        let handler: FaultyLogHandler

        var counters: [(sink: String, counters: LogSinkCounters)] { output.counters }
        func flush() { output.flush() }
        func close() { output.close() }
    }

    /// An output and an injector, put together as in a service.
    private func make(
        _ rules: String, format: LogConfiguration.Format = .json, isHidden: Bool = false, eventLoop: EventLoop? = nil,
        limit: Int = LogOutput.defaultLimit
    ) throws -> (output: Subject, injector: FaultInjector) {
        let (offset, fileWrite) = (ClockOffset(), ReplaceableFileWrite())
        var configuration = LogConfiguration()
        configuration.format = format
        configuration.directory = folder.path
        configuration.stdout = false
        let output = LogOutput(
            configuration: configuration, identity: LogIdentity(service: "tasks"),
            clock: offset.applied(to: clock.clock),
            eventLoop: eventLoop, limit: limit, fileWrite: fileWrite.write, report: reports.report)
        var settings = FaultInjector.Configuration(service: .tasks)
        settings.isHidden = isHidden
        let injector = FaultInjector(
            configuration: settings, ledger: ledger, logger: .noOp, metrics: NOOPMetricsHandler())
        try injector.replace(FaultRule.list(parsing: rules))
        let service = ServiceWideFaults(injector: injector, clock: offset, logFile: fileWrite)
        let handler = FaultyLogHandler(output, level: .trace, service: service, eventLoop: eventLoop)
        return (Subject(output: output, handler: handler), injector)
    }

    /// Logs `messages` as a request that may be hit, and returns what the file has then.
    private func lines(
        _ rules: String, _ messages: [String] = ["hello"], level: Logger.Level = .info,
        format: LogConfiguration.Format = .json, isHidden: Bool = false
    ) throws -> [String] {
        let (output, injector) = try make(rules, format: format, isHidden: isHidden)
        inRequest(injector) { for message in messages { logger(output).log(level: level, message) } }
        return content(of: folder.log()).split(separator: "\n").map(String.init)
    }

    private func inRequest<R>(_ injector: FaultInjector, _ body: () throws -> R) rethrows -> R {
        var context = context(span: exampleSpan, requestID: "r-1")
        context.faults = injector.faults(
            operation: "create-task", requestID: "r-1", context: context, span: NoOpSpan(context: context)
        ) { _ in nil }
        return try ServiceContext.withValue(context, operation: body)
    }

    private func logger(_ subject: Subject) -> Logger { Logger(label: "tasks", handler: subject.handler) }

    @Test func aJSONLineNamesItsFault() throws {
        let line = try #require(try lines("tasks:missing-span-id,id=gone").first)
        #expect(line.contains(#""tailspan.fault.id":"gone","tailspan.fault.kind":"missing-span-id""#))
        #expect(ledger.entries().map(\.rule) == ["gone"])
    }

    @Test func aTextLineNamesItsFault() throws {
        let line = try #require(try lines("tasks:missing-span-id,id=gone", format: .text).first)
        #expect(line.hasSuffix("tailspan.fault.id=gone tailspan.fault.kind=missing-span-id"))
        #expect(line.contains("trace_id=4bf92f3577b34da6a3ce929d0e0e4736 trace_sampled=true request_id=r-1"))
    }

    @Test func aLineDoesNotNameAHiddenFault() throws {
        let line = try #require(try lines("tasks:uppercase-ids", isHidden: true).first)
        #expect(!line.contains("fault") && line.contains("4BF92F3577B34DA6A3CE929D0E0E4736"))
        #expect(ledger.entries().count == 1)
    }

    @Test func aRequestWithoutAFaultIsLoggedAsUsual() throws {
        let (output, injector) = try make("tasks:uppercase-ids,match=guild_id:g-0")
        inRequest(injector) { logger(output).info("hello") }
        #expect(content(of: folder.log()).contains("4bf92f3577b34da6a3ce929d0e0e4736"))
        #expect(ledger.entries().isEmpty)
    }

    @Test func idsAreWrittenInUpperCase() throws {
        let json = try #require(try lines("tasks:uppercase-ids").first)
        #expect(json.contains(#""trace_id":"4BF92F3577B34DA6A3CE929D0E0E4736","span_id":"00F067AA0BA902B7""#))
        let text = try #require(try lines("tasks:uppercase-ids", format: .text).last)
        #expect(text.contains("trace_id=4BF92F3577B34DA6A3CE929D0E0E4736 span_id=00F067AA0BA902B7 "))
    }

    @Test func linesCarryTheWrongServiceName() throws {
        let json = try #require(try lines("tasks:wrong-service-name=other").first)
        #expect(json.contains(#""level":"info","service":"other","message":"hello""#))
        let text = try #require(try lines("tasks:wrong-service-name=other", format: .text).last)
        #expect(text.contains("Z INFO  other  hello  trace_id="))
    }

    @Test func eachRequestGetsItsOwnLevels() throws {
        let (output, injector) = try make("tasks:label-explosion")
        var levels: Set<Substring> = []
        for number in 1...5 {
            var context = context(span: exampleSpan, requestID: "r")
            context.spanContext?.traceID = TraceID(high: 1, low: UInt64(number))
            context.faults = injector.faults(
                operation: "create-task", requestID: "r", context: context, span: NoOpSpan(context: context)
            ) { _ in nil }
            ServiceContext.withValue(context) { logger(output).info("hello") }
        }
        for line in content(of: folder.log()).split(separator: "\n") {
            let level = try #require(line.firstMatch(of: /"level":"(info-[0-9a-f]{8})"/)).1
            levels.insert(level)
        }
        #expect(levels.count == 5)
    }

    @Test func copiesHaveDifferentTimestamps() throws {
        let lines = try lines("tasks:duplicate-logs=3", ["one", "two"])
        #expect(lines.count == 6)
        #expect(Set(lines).count == 6)
        #expect(lines.prefix(3).allSatisfy { $0.contains("one") })
        #expect(lines.prefix(3).map { $0.firstMatch(of: /\.[0-9]+Z/)?.0 } == [".123456Z", ".124456Z", ".125456Z"])
    }

    @Test func garbageFollowsEachLine() throws {
        let lines = try lines("tasks:garbage-line", ["one", "two"])
        #expect(lines.count == 4)
        #expect(!lines[1].hasPrefix("{") && !lines[3].hasPrefix("{"))
    }

    @Test func aHugeLineHasTheRequestedLength() throws {
        let lines = try lines("tasks:huge-line=2MiB", ["one", "two"])
        #expect(lines.map(\.utf8.count).filter { $0 > 1000 } == [])
        #expect(reports.all.first?.contains("takes no more log lines") == true, "more than may be kept")
        let others = try self.lines("tasks:huge-line=100KiB", ["three", "four"])
        #expect(others.map { $0.utf8.count + 1 }.filter { $0 > 1000 } == [100 << 10])
    }

    @Test func aRequestCausesOneFlood() throws {
        let lines = try lines("tasks:log-flood=2000", ["one", "two"])
        #expect(lines.count == 2002)
        #expect(lines.filter { $0.contains("one of many lines") && $0.contains("4bf92f3577b34da6") }.count == 2000)
        #expect(Set(lines).count == 2002)
        #expect(reports.all.isEmpty)
    }

    @Test func theFileIsRotatedAfterTheFirstLine() throws {
        _ = try lines("tasks:rotate-now", ["one", "two", "three"])
        #expect(content(of: folder.log("tasks", 1)).contains(#""message":"one""#))
        #expect(content(of: folder.log()).split(separator: "\n").count == 2)
    }

    @Test func linesForAFullDiskAreKeptThenDroppedAndCounted() throws {
        let (output, injector) = try make("tasks:disk-full", limit: 500)
        for number in 0..<10 { logger(output).info("line \(number)") }
        #expect(content(of: folder.log()).isEmpty)
        #expect(reports.all.first?.contains("No space left on device") == true)
        let dropped = try #require(output.counters.first).counters.linesDropped
        #expect(dropped > 0 && dropped < 10)
        #expect(ledger.entries().map(\.kind) == ["disk-full"])
        // Room again: what was kept is written, once a second has gone by.
        try injector.replace([])
        clock.advance(milliseconds: 1500)
        logger(output).info("no room yet")
        logger(output).info("last")
        #expect(content(of: folder.log()).split(separator: "\n").count == 11 - dropped)
        #expect(reports.all.last?.contains("takes log lines again") == true)
    }

    @Test func theClockIsSkewedWhileTheRuleIsInForce() throws {
        let (output, injector) = try make("tasks:clock-skew=+1h")
        logger(output).info("ahead")
        try injector.replace(FaultRule.list(parsing: "tasks:clock-skew=-1h"))
        logger(output).info("behind")
        try injector.replace([])
        logger(output).info("right")
        let hours = content(of: folder.log()).split(separator: "\n").map { $0.dropFirst(25).prefix(2) }
        #expect(hours == ["17", "15", "16"])
        #expect(ledger.entries().map(\.value) == ["+1h", "-1h"])
    }

    @Test func lateLinesAreStampedWhenTheyAreWritten() async throws {
        try await withLoop { loop in
            let (output, injector) = try make("tasks:late-logs=50ms", eventLoop: loop)
            inRequest(injector) { logger(output).info("late") }
            logger(output).info("in time")
            clock.advance(milliseconds: 2000)
            let path = folder.log()
            try await eventually("the line is written") { content(of: path).contains(#""message":"late""#) }
            let lines = content(of: folder.log()).split(separator: "\n")
            #expect(lines[0].contains("in time") && lines[0].contains("16:32:01.123"))
            #expect(lines[1].contains("16:32:03.123") && lines[1].contains("4bf92f3577b34da6"))
        }
    }

    @Test func closingWritesPendingLateLines() async throws {
        try await withLoop { loop in
            let (output, injector) = try make("tasks:late-logs=1h", eventLoop: loop)
            inRequest(injector) { for number in 0..<3 { logger(output).info("line \(number)") } }
            output.flush()
            #expect(content(of: folder.log()).isEmpty)
            output.close()
            let lines = content(of: folder.log()).split(separator: "\n")
            #expect(lines.map { $0.contains("line 0") } == [true, false, false])
            #expect(lines.count == 3)
            inRequest(injector) { logger(output).info("after") }
            #expect(content(of: folder.log()).contains("after"))
        }
    }

    @Test func linesOverTheCapacityAreNotDelayed() async throws {
        try await withLoop { loop in
            let (output, injector) = try make("tasks:late-logs=1h", eventLoop: loop)
            inRequest(injector) { for number in 0...LateLines.capacity { logger(output).info("line \(number)") } }
            output.flush()
            #expect(content(of: folder.log()).split(separator: "\n").count == 1)
            output.close()
            #expect(content(of: folder.log()).split(separator: "\n").count == LateLines.capacity + 1)
        }
    }

    /// Runs `body` beside a loop on a thread of its own.
    private func withLoop(_ body: (EventLoop) async throws -> Void) async throws {
        let loop = try EventLoop(name: "log")
        try loop.start()
        defer { loop.stop() }
        try await body(loop)
    }
}
