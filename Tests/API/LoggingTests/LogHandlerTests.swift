import Logging
import Testing

@Suite("The multiplex handler")
struct MultiplexHandlerTests {
    let first = RecordingHandler()
    let second = RecordingHandler()

    @Test func everyHandlerReceivesTheLinesOfItsLevel() {
        var quiet = second
        quiet.logLevel = .error
        let logger = Logger(label: "tasks", handler: MultiplexLogHandler([first, quiet]))
        #expect(logger.logLevel == .trace)
        logger.debug("one")
        logger.error("two")
        #expect(first.storage.messages == ["one", "two"] && second.storage.messages == ["two"])
    }

    @Test func settingsReachAllHandlers() {
        var logger = Logger(label: "tasks", handler: MultiplexLogHandler([first, second]))
        logger.logLevel = .warning
        logger[metadataKey: "task_id"] = "t-1"
        logger.info("not written")
        logger.warning("written")
        for storage in [first.storage, second.storage] {
            #expect(storage.messages == ["written"] && storage.all[0].loggerFields == ["task_id": "t-1"])
        }
        #expect(logger[metadataKey: "task_id"] == "t-1")
    }

    @Test func anEmptyMultiplexHandlerWritesNothing() {
        var handler = MultiplexLogHandler([])
        handler.metadata = ["a": 1]
        #expect(handler.logLevel == .critical && handler.metadata == [:])
        handler.log(event: LogEvent(level: .critical, message: "goes nowhere"))
    }
}
