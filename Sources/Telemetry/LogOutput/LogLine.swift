import Encoding
import HTTP
import Logging
import TraceContext
import Tracing

/// A line before it is encoded: an event with its logger's fields, its origin, and the ways in which it differs from a
/// normal line.
package struct LogLine: Sendable {
    package var event: LogEvent
    package var loggerFields: Logger.Metadata
    package var origin: Origin
    /// `nil` for a normal line.
    package var overrides: Overrides?

    /// Creates a line whose origin is the current context.
    package init(event: LogEvent, loggerFields: Logger.Metadata = [:]) {
        self.event = event
        self.loggerFields = loggerFields
        origin = Origin(context: ServiceContext.current, error: event.error)
    }

    /// Creates another line at level `info` with the same origin and the same overrides.
    package func sibling(_ message: String, _ fields: Logger.Metadata) -> LogLine {
        var line = self
        line.event = LogEvent(level: .info, message: message, metadata: fields)
        line.loggerFields = [:]
        return line
    }

    /// The ways in which a line differs from a normal one.
    package struct Overrides: Sendable, Equatable {
        package var hasUppercaseIDs = false
        package var hasSpanID = true
        /// Replaces the service's name.
        package var serviceName: String?
        /// Replaces the event's level; the text format shows it in upper case.
        package var level: String?
        /// Added to the line's timestamp, in nanoseconds.
        package var delay: UInt64 = 0

        package init() {}

        /// Formats an id for the line.
        func text(_ id: some CustomStringConvertible) -> String {
            hasUppercaseIDs ? id.description.uppercased() : id.description
        }
    }

    /// The context of a line and the description of its error. Collected before the output's lock is taken, because
    /// describing an error runs foreign code that may itself log.
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

    /// An error in the form used on a line.
    struct Failure: Sendable {
        var type: String
        var message: String
        var stack: String?

        init(_ error: any Error) {
            type = ErrorTypeName.of(error)
            message = String(describing: error)
            if let text = (error as? any StackTraceError)?.stackTrace, !text.isEmpty { stack = text }
        }
    }
}

/// An item in a group that is written together.
package enum LogPiece: Sendable {
    case line(LogLine)
    /// Bytes that are written unchanged, in any log format.
    case raw([UInt8])
    /// Rotates the file before its next line.
    case rotation
}
