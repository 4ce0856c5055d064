extension Database {
    /// How a database is opened.
    package struct Configuration: Sendable {
        /// How long a statement waits for another connection's lock.
        package var busyTimeout: Duration = .milliseconds(0)
        /// `PRAGMA synchronous`: `NORMAL` survives a crash of the process, `FULL` also of the machine.
        package var synchronous: String = "NORMAL"
        package var readOnly = false
        /// Keeps the file locked for this connection alone (`PRAGMA locking_mode = EXCLUSIVE`): no lock is taken and given
        /// back with every transaction, and a second process that opens the file is refused.
        package var exclusive = false
        /// After how many pages of write-ahead log a commit also moves them into the database; 0 for never, which leaves
        /// it to ``Database/checkpoint(_:)``.
        package var walAutocheckpoint = 1000
        /// The page size in bytes of a database that is new: a power of two from 512 to 65536.
        package var pageSize = 4096
        package init() {}

        /// For the short rows of a service that owns its file. A transaction writes every page it has touched as a whole,
        /// so small pages make it cheap; the log is moved into the database every 4 MB.
        package static var shortRows: Configuration {
            var configuration = Configuration()
            configuration.exclusive = true
            configuration.pageSize = 1024
            configuration.walAutocheckpoint = 4000
            return configuration
        }
    }
}
