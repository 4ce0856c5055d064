import EventLoop
import Glibc
import HTTP
import LogOutput
import Logging
import TraceContext
import Tracing

/// The line that every request writes, with fourteen fields, from the call of the logger to the destination.
struct LogSubjects {
    private let discarding: LogOutput
    private let toFile: LogOutput
    private let context: ServiceContext

    /// - Parameters:
    ///   - folder: the folder of the log file.
    ///   - loop: the caller's loop; lines are buffered up to 64 KiB, as in a service under load.
    init(folder: String, loop: EventLoop) throws {
        let null = open("/dev/null", O_WRONLY | O_CLOEXEC)
        guard null >= 0 else { throw SystemError(call: "open /dev/null", code: errno) }
        // A region would be the fifteenth field.
        let identity = LogIdentity(service: "gateway", version: "1.0.0", environment: "demo")
        var configuration = LogConfiguration()
        discarding = LogOutput(configuration: configuration, identity: identity, eventLoop: loop, descriptor: null)
        configuration.stdout = false
        configuration.directory = folder
        toFile = LogOutput(configuration: configuration, identity: identity, eventLoop: loop)
        var context = ServiceContext.topLevel
        context.spanContext = SpanContext(
            traceID: TraceID(high: 0x4bf9_2f35_77b3_4da6, low: 0xa3ce_929d_0e0e_4736),
            spanID: SpanID(value: 0x00f0_67aa_0ba9_02b7), traceFlags: [.sampled, .random])
        context.requestID = "7c1f03a94de2b865"
        self.context = context
    }

    var all: [Subject] {
        [
            Subject(name: "log_line", run: lines(discarding)),
            Subject(name: "log_line_to_file", run: lines(toFile)),
            Subject(name: "log_line_handler", run: events(discarding)),
        ]
    }

    /// As the middleware does it: the fields are created for each line.
    private func lines(_ output: LogOutput) -> (Int) -> Void {
        let logger = Logger(label: "gateway", handler: output.handler(level: .info))
        let context = context
        return { count in
            ServiceContext.withValue(context) {
                for number in 0..<count {
                    logger.info(
                        "request completed",
                        metadata: [
                            "component": "http.server", "operation": .string(Self.operation), "status": .integer(201),
                            "duration_ms": .double(Double(1000 + number % 4000) / 1000),
                        ])
                }
            }
        }
    }

    /// Only the handler's part: the fields already exist.
    private func events(_ output: LogOutput) -> (Int) -> Void {
        let handler = output.handler(level: .info)
        let context = context
        let event = LogEvent(
            level: .info, message: "request completed",
            metadata: [
                "component": "http.server", "operation": .string(Self.operation), "status": .integer(201),
                "duration_ms": .double(1.234),
            ])
        return { count in
            ServiceContext.withValue(context) {
                for _ in 0..<count { handler.log(event: event) }
            }
        }
    }

    /// Too long for `String`'s inline storage, and not a literal, as in a service.
    private static let operation = ["POST", "/v1/tasks/{id}"].joined(separator: " ")
}

/// A system call failed.
struct SystemError: Error, CustomStringConvertible {
    let call: String
    let code: Int32
    var description: String { "\(call): \(String(cString: strerror(code)))" }
}
