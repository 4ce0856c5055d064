import Glibc
import Logging
import Synchronization
import Testing
import Tracing

@testable import LogOutput

@Suite("The pieces that a log is written in")
struct LogPieceTests {
    private let folder: LogFolder
    private let clock = ManualClock()
    private let reports = Reports()

    init() throws { folder = try LogFolder() }

    private func make(fileWrite: @escaping FileWrite = LogOutput.systemWrite) -> LogOutput {
        var configuration = LogConfiguration()
        configuration.directory = folder.path
        configuration.stdout = false
        return LogOutput(
            configuration: configuration, identity: LogIdentity(service: "tasks"), clock: clock.clock,
            fileWrite: fileWrite, report: reports.report)
    }

    private func line(_ message: String) -> LogLine { LogLine(event: LogEvent(level: .info, message: message)) }

    @Test("Lines, raw bytes and rotations are written in their order")
    func piecesAreWrittenInTheirOrder() {
        let output = make()
        output.write([.line(line("one")), .raw(Array("none\n".utf8)), .rotation, .line(line("two"))])
        #expect(content(of: folder.log("tasks", 1)).contains("one"))
        #expect(content(of: folder.log("tasks", 1)).hasSuffix("}\nnone\n"))
        #expect(content(of: folder.log()).contains("two"))
    }

    @Test("A line is as large as its reported size, including overrides")
    func aLineHasTheSizeThatIsReported() {
        let output = make()
        var line = line("hello")
        line.overrides = LogLine.Overrides()
        line.overrides?.level = "loud"
        line.overrides?.serviceName = "somebody-else"
        let size = output.size(of: line)
        output.write([.line(line)])
        #expect(content(of: folder.log()).utf8.count == size)
        #expect(content(of: folder.log()).contains(#""level":"loud","service":"somebody-else""#))
    }

    @Test("A delay moves the timestamp of a line")
    func aDelayMovesTheTimestampOfALine() {
        let output = make()
        var line = line("hello")
        line.overrides = LogLine.Overrides()
        line.overrides?.delay = 2_000_000
        output.write([.line(line)])
        #expect(content(of: folder.log()).contains(":01.125456Z"))
    }

    @Test("A sibling shares the origin and the overrides of its line, but not its fields")
    func aSiblingSharesOriginAndOverridesOnly() {
        let output = make()
        let first = ServiceContext.withValue(context(span: exampleSpan, requestID: "r-1")) {
            var line = LogLine(
                event: LogEvent(level: .error, message: "first", metadata: ["amount": 5]), loggerFields: ["size": 1])
            line.overrides = LogLine.Overrides()
            line.overrides?.hasUppercaseIDs = true
            return line
        }
        output.write([.line(first.sibling("second", ["number": 2]))])
        let text = content(of: folder.log())
        #expect(text.contains(#""level":"info""#) && text.contains(#""message":"second""#))
        #expect(text.contains("4BF92F3577B34DA6A3CE929D0E0E4736") && text.contains(#""request_id":"r-1""#))
        #expect(text.contains(#""number":2"#) && !text.contains("amount") && !text.contains("size"))
    }

    @Test("A close handler runs once, before the last lines are written, or at once after the close")
    func aCloseHandlerRunsOnceBeforeTheLastLines() {
        let output = make()
        let calls = Atomic(0)
        let last = line("last")
        output.onClose {
            calls.add(1, ordering: .relaxed)
            output.write([.line(last)])
        }
        #expect(calls.load(ordering: .relaxed) == 0)
        output.close()
        output.close()
        #expect(calls.load(ordering: .relaxed) == 1)
        #expect(content(of: folder.log()).contains("last"))
        output.onClose { calls.add(1, ordering: .relaxed) }
        #expect(calls.load(ordering: .relaxed) == 2)
    }

    @Test("Lines are kept after a failed write until one succeeds")
    func linesAreKeptUntilAWriteSucceeds() {
        let isFailing = Atomic(true)
        let output = make { descriptor, bytes in
            guard isFailing.load(ordering: .relaxed) else { return LogOutput.systemWrite(descriptor, bytes) }
            errno = EDQUOT
            return -1
        }
        output.write([.line(line("one"))])
        #expect(content(of: folder.log()).isEmpty)
        #expect(reports.all.first?.contains("quota") == true, "\(reports.all)")
        isFailing.store(false, ordering: .relaxed)
        clock.advance(milliseconds: 1500)
        output.write([.line(line("two"))])
        #expect(content(of: folder.log()).split(separator: "\n").count == 2)
    }
}
