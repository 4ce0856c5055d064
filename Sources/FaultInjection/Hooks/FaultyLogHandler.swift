import EventLoop
import LogOutput
import Logging
import Tracing

/// Writes to a ``LogOutput`` as its own handler does, but for the lines of requests that are hit: those it changes, and
/// writes more with them, as the effects say. While no fault was ever set, a line costs one relaxed load.
package struct FaultyLogHandler: LogHandler {
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    /// One reference, so that a logger needs no box for its handler.
    private let lines: FaultyLines

    /// - Parameter eventLoop: the service's; without one no line is late.
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

/// What all copies of a handler share.
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
        // Only now: the effects may have been the first to take effect.
        let marks = faults.fields
        if edit.changesNothing, marks.isEmpty { return output.write(event, loggerFields: loggerFields) }
        let pieces = edit.pieces(of: LogLine(event: event, loggerFields: loggerFields), marks: marks)
        let write: @Sendable () -> Void = { [output] in output.write(pieces) }
        if edit.postpone?(write) != true { write() }
    }
}
