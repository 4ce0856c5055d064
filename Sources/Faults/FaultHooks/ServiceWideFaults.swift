import EventLoop
import FaultKinds
import FaultRules
import LogOutput

/// Puts service-wide rules into effect: shifts the service's clock, and makes writes to its log file fail. Safe to use
/// from any thread.
///
/// The rules in force are checked when a line is written through a handler of this module, when a span ends, and when
/// the loop is idle. A clock that a rule sets changes at the first of these checks, and for spans within a tenth of a
/// second. While no such rule is set, each check costs one relaxed load.
package final class ServiceWideFaults: Sendable {
    package let injector: FaultInjector
    private let clock: ClockOffset
    private let logFile: ReplaceableFileWrite
    private let clockKinds: [(kind: FaultKind, offset: @Sendable (FaultRule) -> Duration)]
    private let logFileKinds: [(kind: FaultKind, write: FileWrite)]

    /// - Parameters:
    ///   - clock: the clock of lines and spans.
    ///   - logFile: the writer of the log file.
    ///   - eventLoop: the service's loop; `nil` in tests that have none.
    package init(
        injector: FaultInjector, clock: ClockOffset, logFile: ReplaceableFileWrite, eventLoop: EventLoop? = nil,
        catalog: FaultCatalog = .standard
    ) {
        self.injector = injector
        self.clock = clock
        self.logFile = logFile
        clockKinds = catalog.definitions.flatMap { definition in
            definition.effects.compactMap { if case .clock(let offset) = $0 { (definition.kind, offset) } else { nil } }
        }
        logFileKinds = catalog.definitions.flatMap { definition in
            definition.effects.compactMap { if case .logFile(let write) = $0 { (definition.kind, write) } else { nil } }
        }
        injector.onChange { rules in
            // Rules that were removed stop at once. New rules start at the next check.
            guard !rules.contains(where: { $0.kind.scope == .service }) else { return }
            clock.set(.zero)
            logFile.replace(with: nil)
        }
        eventLoop?.beforeWaiting { [weak self] in self?.refresh() }
    }

    /// Applies the service-wide rules that are now in force. May write a log line, so do not call it while holding a
    /// lock that logging takes.
    package func refresh() {
        guard injector.activity.hasServiceRules else { return }
        var offset = Duration.zero
        for (kind, apply) in clockKinds {
            if let rule = injector.activate(kind) { offset += apply(rule) }
        }
        clock.set(offset)
        var replacement: FileWrite?
        for (kind, write) in logFileKinds where injector.activate(kind) != nil { replacement = write }
        logFile.replace(with: replacement)
        // Another thread may have removed the rules meanwhile.
        guard !injector.activity.hasServiceRules else { return }
        clock.set(.zero)
        logFile.replace(with: nil)
    }
}
