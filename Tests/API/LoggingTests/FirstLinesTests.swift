import Glibc
import Testing

@testable import Logging

@Suite("The first lines that a user writes with a logger")
struct FirstLinesOfLoggingTests {
    private struct NoFunds: Error, CustomStringConvertible { var description: String { "no funds" } }
    private let handler = RecordingHandler()

    @Test("A logger needs only a label and writes to standard error from level info on")
    func aLoggerNeedsOnlyALabel() throws {
        let logger = Logger(label: "tasks")
        #expect(logger.label == "tasks" && logger.logLevel == .info)
        #expect(logger.handler is StreamLogHandler)
        let standardOutput = Logger(label: "tasks", factory: StreamLogHandler.standardOutput)
        #expect(standardOutput.handler is StreamLogHandler)
    }

    @Test("A message is a literal, an interpolation or a value of type Message")
    func aMessageIsALiteralAnInterpolationOrAValue() {
        let logger = Logger(label: "tasks", handler: handler)
        let count = 3
        let message: Logger.Message = "kept \(count)"
        logger.info("started")
        logger.info("got \(count)")
        logger.info(message)
        #expect(handler.storage.messages == ["started", "got 3", "kept 3"])
    }

    @Test("Metadata is a literal of literals, interpolations, and nested lists and objects")
    func metadataIsWrittenAsALiteral() {
        var logger = Logger(label: "tasks", handler: handler)
        let (count, port) = (3, UInt16(8080))
        logger[metadataKey: "request_id"] = "r-\(count)"
        logger.info(
            "line",
            metadata: [
                "literal": "a", "interpolated": "\(count)", "text": .string("b"), "port": .stringConvertible(port),
                "list": ["x", "\(count)", ["y"]], "object": ["a": "1", "b": ["c": true]],
            ])
        let fields = handler.storage.all[0].event.metadata
        #expect(handler.storage.all[0].loggerFields == ["request_id": "r-3"])
        #expect(fields["literal"] == .string("a") && fields["interpolated"] == .string("3"))
        #expect(fields["port"] == .string("8080"))
        #expect(fields["list"] == .array([.string("x"), .string("3"), .array([.string("y")])]))
        #expect(fields["object"] == .dictionary(["a": "1", "b": .dictionary(["c": .bool(true)])]))
        var more = Logger.Metadata()
        more["a"] = "b"
        #expect(more == ["a": "b"])
        #expect((["a": 1, "a": 2] as Logger.MetadataValue) == .dictionary(["a": 2]))
    }

    @Test("A text line holds the time, the level, the label, the fields, the module and the message")
    func aTextLineHoldsEveryPartOfAnEvent() throws {
        var handler = StreamLogHandler(label: "tasks", descriptor: -1)
        handler.metadata = ["task_id": "t-1"]
        let event = LogEvent(
            level: .error, message: "failed\n\u{1B}[31mred", metadata: ["b": 2], error: NoFunds(),
            file: "Tasks/Saga.swift")
        #expect(
            handler.text(of: event)
                == #"error tasks: b=2 error.message=no funds error.type=\#(String(reflecting: NoFunds.self)) task_id=t-1 [Tasks] failed\n\u{1B}[31mred"#
        )
    }

    @Test("A handler writes its line to its descriptor, starting with the time")
    func aHandlerWritesItsLineToItsDescriptor() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        let logger = Logger(label: "tasks", handler: StreamLogHandler(label: "tasks", descriptor: ends[1]))
        logger.debug("not written")
        logger.info("started")
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(ends[0], &bytes, bytes.count)
        let line = String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
        #expect(
            try /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000 info tasks: \[LoggingTests\] started\n/.wholeMatch(in: line)
                != nil)
    }
}
