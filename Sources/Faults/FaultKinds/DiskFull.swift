import FaultRules
import Glibc

extension FaultDefinition {
    /// Makes every write to the log file fail. Caught by verification rule 5 (every service logged).
    static let diskFull = FaultDefinition(
        "disk-full", .process, brokenRule: 5,
        summary: "fails every write to the log file",
        .logFile { _, _ in
            errno = ENOSPC
            return -1
        })
}

extension FaultKind { package static let diskFull = FaultDefinition.diskFull.kind }
