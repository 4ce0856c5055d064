import CLinux
import Glibc

/// Ties a part to the process that supervises it: if that one is killed, the part is told to end, too.
package enum ParentDeath {
    /// Holds the supervisor's process id in the environment of its parts.
    package static let variable = "TAILSPAN_SUPERVISOR"

    /// To be called first thing in a process; does nothing in one that nobody supervises.
    package static func follow(_ environment: [String: String]) {
        guard let text = environment[variable], let supervisor = pid_t(text) else { return }
        _ = tailspan_signal_on_parent_death(SIGTERM)
        // It may have ended before the line above, and then no signal comes.
        if getppid() != supervisor { exit(0) }
    }
}
