import Logging
import Testing

@Suite("The logger")
struct LoggerTests {
    private struct Failure: Error {}
    let handler = RecordingHandler()
    private var storage: RecordingHandler.Storage { handler.storage }

    private func logger(_ level: Logger.Level = .trace) -> Logger {
        var logger = Logger(label: "tasks", handler: handler)
        logger.logLevel = level
        return logger
    }

    @Test(arguments: Logger.Level.allCases)
    func aLineIsWrittenFromTheLevelOfTheLoggerOn(level: Logger.Level) {
        let logger = logger(level)
        for other in Logger.Level.allCases { logger.log(level: other, other.rawValue) }
        #expect(storage.messages == Logger.Level.allCases.filter { $0 >= level }.map(\.rawValue))
    }

    @Test func eachLevelHasAFunction() {
        let logger = logger()
        logger.trace("a")
        logger.debug("b")
        logger.info("c")
        logger.notice("d")
        logger.warning("e")
        logger.error("f")
        logger.critical("g")
        #expect(storage.all.map(\.event.level) == Logger.Level.allCases)
        #expect(storage.messages == ["a", "b", "c", "d", "e", "f", "g"])
    }

    @Test func aLineBelowTheLevelIsNeverBuilt() {
        let logger = logger(.warning)
        func build<T>(_ value: T) -> T {
            Issue.record("built for a line that is not written")
            return value
        }
        logger.debug(build("message"), metadata: build(["a": 1]))
        logger.notice("\(build(5))")
        logger.warning("written")
        #expect(storage.messages == ["written"])
    }

    @Test func aLineCarriesItsErrorMetadataAndSourceLocation() {
        logger().error("failed", error: Failure(), metadata: ["task_id": "t-1"])
        let event = storage.all[0].event
        #expect(event.error is Failure && event.metadata["task_id"] == "t-1")
        #expect(event.file == "LoggingTests/LoggerTests.swift" && event.function == #function)
        #expect(event.line == #line - 4)
    }

    @Test func aCopyHasItsOwnFieldsAndLevel() {
        let original = logger()
        var copy = original
        copy[metadataKey: "task_id"] = "t-1"
        copy.logLevel = .error
        original.info("original")
        copy.info("not written")
        copy.error("copy")
        #expect(storage.messages == ["original", "copy"])
        #expect(storage.all[0].loggerFields == [:] && storage.all[1].loggerFields == ["task_id": "t-1"])
        #expect(copy[metadataKey: "task_id"] == "t-1" && original[metadataKey: "task_id"] == nil)
        copy[metadataKey: "task_id"] = nil
        #expect(copy[metadataKey: "task_id"] == nil)
    }

    @Test func aProviderSuppliesFieldsThatACallMayOverride() {
        var logger = logger()
        logger.metadataProvider = Logger.MetadataProvider { ["region": "eu", "component": "provider"] }
        logger.info("line", metadata: ["component": "call"])
        #expect(storage.all[0].event.metadata == ["region": "eu", "component": "call"])
    }

    @Test func theNoOpLoggerBuildsNothing() {
        let logger = Logger.noOp
        logger.error("\(Issue.record("built") as Any)")
        logger.critical("goes nowhere")
        #expect(logger.logLevel == .critical)
    }
}

@Suite("The log level")
struct LevelTests {
    @Test func levelsAreOrderedBySeverity() {
        #expect(Logger.Level.allCases.sorted().map(\.severity) == Array(0..<7))
        #expect(Logger.Level.allCases == [.trace, .debug, .info, .notice, .warning, .error, .critical])
        #expect(Logger.Level.warning < .error && !(Logger.Level.error < .error))
    }
}
