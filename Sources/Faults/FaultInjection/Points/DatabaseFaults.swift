import SQLite

/// Makes a request's statements slow, or fail. A statement runs on the service's loop, so one that is slow holds up the
/// whole service: as it would be with a real slow disk.
struct DatabaseFaults {
    /// How long a write waits for a lock before it fails.
    static let busyTimeout: Duration = .seconds(1)

    /// - Parameter statement: such as `INSERT tasks`.
    static func before(_ statement: String, _ faults: RequestFaults) throws {
        for hit in faults.hits {
            switch hit.kind {
            case .dbSlow:
                faults.inject(hit)
                ProcessFaults.block(for: hit.delay)
            case .lock where !statement.hasPrefix("SELECT"):
                faults.inject(hit)
                ProcessFaults.block(for: min(hit.delay, busyTimeout))
                if hit.delay >= busyTimeout {
                    throw SQLiteError(code: ResultCode.busy, message: "database is locked", sql: statement)
                }
            case .dbError:
                faults.inject(hit)
                throw SQLiteError(code: ResultCode.inputOutput, message: "disk I/O error", sql: statement)
            default: continue
            }
        }
    }

    /// https://www.sqlite.org/rescode.html
    private enum ResultCode {
        static let busy: Int32 = 5
        static let inputOutput: Int32 = 10
    }
}
