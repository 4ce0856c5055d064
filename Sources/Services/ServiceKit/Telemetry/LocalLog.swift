import EventLoop
import FaultHooks
import FaultRules
import LogOutput
import Logging

/// The local destination of a service's log lines: file and stdout, or a test's replacement.
enum LocalLog {
    case output(LogOutput, Logger.Level)
    case handler(any LogHandler)

    var output: LogOutput? { if case .output(let output, _) = self { output } else { nil } }

    /// The handler that writes lines unchanged.
    var plain: any LogHandler {
        switch self {
        case .output(let output, let level): output.handler(level: level)
        case .handler(let handler): handler
        }
    }

    /// The handler that applies faults to the lines of requests that are hit. A test's handler only receives the marks.
    func faulty(_ service: ServiceWideFaults, _ eventLoop: EventLoop) -> any LogHandler {
        switch self {
        case .output(let output, let level):
            FaultyLogHandler(output, level: level, service: service, eventLoop: eventLoop)
        case .handler(let handler): Self.marking(handler, service)
        }
    }

    private static func marking(_ handler: some LogHandler, _ service: ServiceWideFaults) -> any LogHandler {
        FaultMarkingLogHandler(handler, activity: service.injector.activity)
    }
}
