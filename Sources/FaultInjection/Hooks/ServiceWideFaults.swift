import Encoding
import EventLoop
import LogOutput

/// Puts what rules of the whole service say into effect: sets its clock, and has the writes to its log file fail. Safe to
/// use from any thread.
///
/// What rules are in force is seen when a line is written through a handler of this module, when a span ends, and when the
/// loop has nothing to do: a clock that a rule sets changes with the first of them, and for spans within a tenth of a
/// second. While no such rule is set, each of them costs one relaxed load.
package final class ServiceWideFaults: Sendable {
    package let injector: FaultInjector
    private let clock: ClockOffset
    private let logFile: ReplaceableFileWrite
    private let clockKinds: [(kind: FaultKind, offset: @Sendable (FaultRule) -> Duration)]
    private let logFileKinds: [(kind: FaultKind, write: FileWrite)]

    /// - Parameters:
    ///   - clock: of lines and spans.
    ///   - logFile: how the log file is written.
    ///   - eventLoop: the service's; `nil` in tests without one.
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
            // What is no more in force ends at once; what is new begins when it is first seen.
            guard !rules.contains(where: { $0.kind.scope == .service }) else { return }
            clock.set(.zero)
            logFile.replace(with: nil)
        }
        eventLoop?.beforeWaiting { [weak self] in self?.refresh() }
    }

    /// Sees what rules the whole service is under now. May write a line itself, so it must not be called under a lock that
    /// writing takes.
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
    }
}
