import Encoding
import FaultInjection
import HTTP
import TraceContext
import Tracing

/// What a line says besides the event and its fields, gathered before the lock is taken: describing an error runs code of
/// others, which may itself log.
struct LogLine {
    /// An error as a line shows it.
    struct Failure {
        var type: String
        var message: String
        var stack: String?

        init(_ error: any Error) {
            type = ErrorTypeName.of(error)
            message = String(describing: error)
            if let text = (error as? any StackTraceError)?.stackTrace, !text.isEmpty { stack = text }
        }
    }

    var span: SpanContext?
    var requestID: String?
    var failure: Failure?
    /// What is wrong with it on purpose.
    var shape: LineShape?

    init(context: ServiceContext?, error: (any Error)?) {
        if let context {
            span = context.spanContext
            requestID = context.requestID
        }
        failure = error.map(Failure.init)
    }
}
