import FaultRules
import SQLite
import Vocabulary

extension FaultDefinition {
    /// Makes writes wait, as if another process held the database.
    static let lock = FaultDefinition(
        "lock", .process, services: [.tasks, .payments], argument: .duration(default: .seconds(2)),
        longest: .seconds(10),
        summary: "has each write wait for a lock; from 1 s on it fails as locked",
        .statement { fault, statement in
            guard !statement.hasPrefix("SELECT") else { return }
            fault.inject()
            fault.block(for: min(fault.delay, busyTimeout))
            if fault.delay >= busyTimeout {
                // SQLITE_BUSY, https://www.sqlite.org/rescode.html
                throw SQLiteError(code: 5, message: "database is locked", sql: statement)
            }
        })
}

extension FaultKind { package static let lock = FaultDefinition.lock.kind }

/// How long a write waits for a lock before it fails.
private let busyTimeout: Duration = .seconds(1)
