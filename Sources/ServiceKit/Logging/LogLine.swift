import Encoding
import HTTP
import Logging
import OTel
import Tracing

/// A line before it is encoded: an event with its logger's fields, where it comes from, and what is to differ from how
/// lines usually are.
package struct LogLine: Sendable {
    package var event: LogEvent
    package var loggerFields: Logger.Metadata
    package var origin: Origin
    /// `nil` for a line as it usually is.
    package var overrides: Overrides?

    /// Creates a line that comes from the current context.
    package init(event: LogEvent, loggerFields: Logger.Metadata = [:]) {
        self.event = event
        self.loggerFields = loggerFields
        origin = Origin(context: ServiceContext.current, error: event.error)
    }

    /// Another line at level `info` from the same place, with the same overrides.
    package func sibling(_ message: String, _ fields: Logger.Metadata) -> LogLine {
        var line = self
        line.event = LogEvent(level: .info, message: message, metadata: fields)
        line.loggerFields = [:]
        return line
    }

    /// How a line differs from the ones that are usually written.
    package struct Overrides: Sendable, Equatable {
        package var hasUppercaseIDs = false
        package var hasSpanID = true
        /// In the place of the service's.
        package var serviceName: String?
        /// In the place of the event's; the text format shows it in upper case.
        package var level: String?
        /// How much later the line is stamped, in nanoseconds.
        package var delay: UInt64 = 0

        package init() {}

        /// An id as the line is to have it.
        func text(_ id: some CustomStringConvertible) -> String {
            hasUppercaseIDs ? id.description.uppercased() : id.description
        }
    }

    /// What a line says besides the event and its fields, gathered before the output's lock is taken: describing an error
    /// runs code of others, which may itself log.
    package struct Origin: Sendable {
        var span: SpanContext?
        var requestID: String?
        var failure: Failure?

        init(context: ServiceContext?, error: (any Error)?) {
            if let context {
                span = context.spanContext
                requestID = context.requestID
            }
            failure = error.map(Failure.init)
        }
    }

    /// An error as a line shows it.
    struct Failure: Sendable {
        var type: String
        var message: String
        var stack: String?

        init(_ error: any Error) {
            type = ErrorTypeName.of(error)
            message = String(describing: error)
            stack = (error as? any StackTraceError)?.stackTrace
        }
    }
}

/// One of several things that are written together.
package enum LogPiece: Sendable {
    case line(LogLine)
    /// Bytes as they are, whatever the log's format.
    case raw([UInt8])
    /// The file makes room for a new one before its next line.
    case rotation
}
