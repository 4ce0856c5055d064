import CLinux
import Glibc

/// Ties a part to its supervisor: if the supervisor is killed, the part receives a signal to end, too.
package enum ParentDeath {
    /// Holds the supervisor's process id in the environment of its parts.
    package static let variable = "TAILSPAN_SUPERVISOR"

    /// Call it first in a process; does nothing without a supervisor.
    package static func follow(_ environment: [String: String]) {
        guard let text = environment[variable], let supervisor = pid_t(text) else { return }
        _ = tailspan_signal_on_parent_death(SIGTERM)
        // The supervisor may have ended before the line above; then no signal comes.
        if getppid() != supervisor { exit(0) }
    }
}
