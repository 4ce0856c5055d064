import Supervision

/// The result of one of the doctor's checks.
struct Finding: Sendable, Equatable {
    enum Verdict: String, Sendable {
        case ok
        /// Everything works without it, or works less well.
        case warn
        /// Does not work.
        case fail
    }

    var verdict: Verdict
    var subject: String
    var detail: String
    /// How to fix it; empty if nothing is wrong.
    var remedy = ""

    static func ok(_ subject: String, _ detail: String) -> Finding {
        Finding(verdict: .ok, subject: subject, detail: detail)
    }
    static func warn(_ subject: String, _ detail: String, _ remedy: String) -> Finding {
        Finding(verdict: .warn, subject: subject, detail: detail, remedy: remedy)
    }
    static func fail(_ subject: String, _ detail: String, _ remedy: String) -> Finding {
        Finding(verdict: .fail, subject: subject, detail: detail, remedy: remedy)
    }
}

/// What a program wrote, and how it ended.
struct ProgramOutput: Sendable, Equatable {
    var exit: ProcessExit
    var text: String
}
