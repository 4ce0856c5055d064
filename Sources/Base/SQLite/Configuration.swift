extension Database {
    /// The options for opening a database.
    package struct Configuration: Sendable {
        /// How long a statement waits for another connection's lock.
        package var busyTimeout: Duration = .milliseconds(0)
        /// `PRAGMA synchronous`: `NORMAL` survives a crash of the process, `FULL` also a crash of the machine.
        package var synchronous: String = "NORMAL"
        package var readOnly = false
        /// Keeps the file locked for this connection alone (`PRAGMA locking_mode = EXCLUSIVE`). Transactions then need
        /// not take and release locks, and a second process cannot open the file.
        package var exclusive = false
        /// The number of pages in the write-ahead log after which a commit also moves them into the database; 0 for
        /// never, which leaves it to ``Database/checkpoint(_:)``.
        package var walAutocheckpoint = 1000
        /// The page size of a new database in bytes: a power of two from 512 to 65536.
        package var pageSize = 4096
        /// Whether a commit appends its pages to the write-ahead log with one system call.
        package var combinesWrites = false
        package init() {}

        /// For the short rows of a service that owns its file. A transaction writes whole pages, so small pages make it
        /// cheap. The log is moved into the database every 4 MB, and a commit is one system call.
        package static var shortRows: Configuration {
            var configuration = Configuration()
            configuration.exclusive = true
            configuration.pageSize = 1024
            configuration.walAutocheckpoint = 4000
            configuration.combinesWrites = true
            return configuration
        }
    }
}
