import FaultRules
import SQLite
import Vocabulary

extension FaultDefinition {
    /// Makes statements fail.
    static let dbError = FaultDefinition(
        "db-error", .process, services: [.tasks, .payments],
        summary: "makes each statement of the request fail with a disk error",
        .statement { fault, statement in
            fault.inject()
            // SQLITE_IOERR, https://www.sqlite.org/rescode.html
            throw SQLiteError(code: 10, message: "disk I/O error", sql: statement)
        })
}

extension FaultKind { package static let dbError = FaultDefinition.dbError.kind }
