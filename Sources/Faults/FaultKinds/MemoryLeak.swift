import FaultRules
import Synchronization

extension FaultDefinition {
    /// Holds memory that is never used.
    static let memoryLeak = FaultDefinition(
        "memory-leak", .process, argument: .bytes(default: 1 << 20),
        summary: "keeps so much memory for each request hit",
        .beforeHandling { fault in
            leak(fault)
            return nil
        },
        .beforeMessage { leak($0) })
}

extension FaultKind { package static let memoryLeak = FaultDefinition.memoryLeak.kind }

private func leak(_ fault: FaultOccurrence) {
    fault.inject()
    fault.kept(Leak.init).add(fault.bytes)
}

private final class Leak: Sendable {
    private let bytes = Mutex<[[UInt8]]>([])

    /// Keeps `count` bytes, with every page touched.
    func add(_ count: Int) { bytes.withLock { $0.append([UInt8](repeating: 0xA5, count: count)) } }
}
