import EventLoop
import FaultKinds
import FaultRules
import LogOutput
import Logging
import Tracing

/// Writes to a ``LogOutput`` as its own handler does, except for the lines of requests that were hit. Effects may
/// change those lines and add others. Until a fault is first set, a line costs one relaxed load.
package struct FaultyLogHandler: LogHandler {
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    /// A single reference, so that a logger needs no box for its handler.
    private let lines: FaultyLines

    /// - Parameter eventLoop: the service's loop; without one, no line is written late.
    package init(
        _ output: LogOutput, level: Logger.Level, service: ServiceWideFaults, eventLoop: EventLoop? = nil,
        catalog: FaultCatalog = .standard
    ) {
        logLevel = level
        lines = FaultyLines(output: output, service: service, eventLoop: eventLoop, catalog: catalog)
    }

    package func log(event: LogEvent) {
        guard lines.activity.hasBeenActive else { return lines.output.write(event, loggerFields: metadata) }
        lines.write(event, metadata)
    }
}

/// State shared by all copies of a handler.
private final class FaultyLines: Sendable {
    let output: LogOutput
    let activity: FaultActivity
    private let service: ServiceWideFaults
    private let eventLoop: EventLoop?
    private let catalog: FaultCatalog

    init(output: LogOutput, service: ServiceWideFaults, eventLoop: EventLoop?, catalog: FaultCatalog) {
        self.output = output
        self.service = service
        self.eventLoop = eventLoop
        self.catalog = catalog
        activity = service.injector.activity
    }

    func write(_ event: LogEvent, _ loggerFields: Logger.Metadata) {
        service.refresh()
        guard let faults = ServiceContext.current?.faults else {
            return output.write(event, loggerFields: loggerFields)
        }
        var edit = LineEdit(level: event.level, output: output)
        for (fault, effect) in catalog.effects(of: faults, on: eventLoop) {
            if case .line(let apply) = effect { apply(fault, &edit) }
        }
        // Read only now: the effects above may be the first that took effect.
        let marks = faults.fields
        if edit.changesNothing, marks.isEmpty { return output.write(event, loggerFields: loggerFields) }
        let pieces = edit.pieces(of: LogLine(event: event, loggerFields: loggerFields), marks: marks)
        let write: @Sendable () -> Void = { [output] in output.write(pieces) }
        if edit.postpone?(write) != true { write() }
    }
}
