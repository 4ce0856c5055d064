import Logging

/// Writes lines to a ``LogOutput``, in its format, with the trace, span and request of the current context.
package struct LogOutputHandler: LogHandler {
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata
    private let output: LogOutput

    init(output: LogOutput, logLevel: Logger.Level, metadata: Logger.Metadata = [:]) {
        self.output = output
        self.logLevel = logLevel
        self.metadata = metadata
    }

    package func log(event: LogEvent) { output.write(event, loggerFields: metadata) }
}
