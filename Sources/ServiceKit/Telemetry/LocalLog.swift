import EventLoop
import FaultInjection
import LogOutput
import Logging

/// Where a service's lines go on its own machine: to file and stdout, or to what a test has put in their place.
enum LocalLog {
    case output(LogOutput, Logger.Level)
    case handler(any LogHandler)

    var output: LogOutput? { if case .output(let output, _) = self { output } else { nil } }

    /// Writes lines as they are.
    var plain: any LogHandler {
        switch self {
        case .output(let output, let level): output.handler(level: level)
        case .handler(let handler): handler
        }
    }

    /// Writes the lines of requests that are hit as the faults have them; of a test's handler, only marks them.
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
