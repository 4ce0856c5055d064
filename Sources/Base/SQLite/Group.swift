extension Database {
    /// The writes of several callers in one transaction, so that they share the cost of its commit.
    final class Group {
        /// Called when the first write since the last ``Database/endGroup()`` begins a group.
        let onBegin: @Sendable () -> Void
        /// Whether `onBegin` was called since the last ``Database/endGroup()``.
        var isAnnounced = false
        /// Whether writes commit themselves for now.
        var isSuspended = false
        var isOpen = false
        /// How often something was written in the open group.
        var writes = 0
        /// The transaction whose body runs now.
        var part: Part?
        /// Why what was written since the last ``Database/endGroup()`` is not stored.
        var failure: (any Error)?

        init(onBegin: @escaping @Sendable () -> Void) { self.onBegin = onBegin }

        /// A transaction within a group.
        enum Part {
            /// Nothing was written before it, so undoing it means undoing the whole group.
            case first
            /// Writes of others precede it. It has written nothing so far.
            case unwritten
            /// Its writes are after a savepoint.
            case written
        }
    }

    /// From now on, writes and transactions join a group, which one transaction stores.
    ///
    /// The first write begins a group and calls `onBegin`; the caller then sees to it that ``endGroup()`` is called
    /// before anybody is told about what was written. Reads see the group's writes. A transaction that throws undoes
    /// its own writes only. If SQLite rolls back the whole group (full disk, I/O error), every further write throws
    /// that error until ``endGroup()``.
    package func groupWrites(onBegin: @escaping @Sendable () -> Void) { group = Group(onBegin: onBegin) }

    /// Commits what was written since the last call.
    /// - Returns: why something of it is not stored; `nil` if all of it is.
    package func endGroup() -> (any Error)? {
        commitGroup()
        defer {
            group?.isAnnounced = false
            group?.failure = nil
        }
        return group?.failure
    }

    /// Commits an open group, and has further writes commit themselves until ``rejoinGroup()``. If that commit fails,
    /// ``endGroup()`` returns the error.
    package func leaveGroup() {
        commitGroup()
        group?.isSuspended = true
    }

    /// Ends ``leaveGroup()``.
    package func rejoinGroup() { group?.isSuspended = false }

    var isGrouping: Bool { group.map { !$0.isSuspended } ?? false }

    /// Commits the open group. A failure is kept for ``endGroup()``.
    func commitGroup() {
        guard group?.isOpen == true else { return }
        group?.isOpen = false
        do {
            try control("COMMIT")
        } catch {
            // A full disk or an I/O error may have rolled back already.
            if isInTransaction { try? control("ROLLBACK") }
            fail(error)
        }
    }

    /// Called before each write.
    func joinGroup() throws {
        guard isGrouping else { return }
        try beginGroup()
        if case .unwritten = group?.part {
            try control("SAVEPOINT part")
            group?.part = .written
        }
        group?.writes += 1
    }

    private func beginGroup() throws {
        if let failure = group?.failure { throw failure }
        guard group?.isOpen == false else { return }
        try control("BEGIN IMMEDIATE")
        group?.isOpen = true
        group?.writes = 0
        guard group?.isAnnounced == false else { return }
        group?.isAnnounced = true
        group?.onBegin()
    }

    /// Runs `body` as a part of the group. The savepoint is set before its first write, so that a body which only reads
    /// costs nothing.
    func transactionInGroup<T>(_ body: () throws -> T) throws -> T {
        guard group?.part == nil else { throw SQLiteError.misuse("a transaction is already open") }
        try beginGroup()
        group?.part = group?.writes == 0 ? .first : .unwritten
        defer { group?.part = nil }
        do {
            let result = try body()
            if case .written = group?.part { try control("RELEASE part") }
            return result
        } catch {
            undoPart(after: error)
            throw error
        }
    }

    private func undoPart(after error: any Error) {
        noteLostGroup(error, own: 0)
        guard group?.isOpen == true else { return }
        do {
            switch group?.part {
            case .written:
                try control("ROLLBACK TO part")
                try control("RELEASE part")
            case .first where group?.writes != 0:
                try control("ROLLBACK")
                group?.isOpen = false
            default: break
            }
        } catch {
            // Without its savepoint, the part cannot be told from the writes of others.
            if isInTransaction { try? control("ROLLBACK") }
            group?.isOpen = false
            fail(error)
        }
    }

    /// After a failed statement: SQLite may have rolled back everything, including the writes of others.
    /// - Parameter own: how many of the group's writes belong to whoever gets the error.
    func noteLostGroup(_ error: any Error, own: Int) {
        guard let lost = group, lost.isOpen, !isInTransaction else { return }
        group?.isOpen = false
        // Who gets this error knows that his own write is lost.
        if case .first = lost.part { return }
        if lost.writes > own { fail(error) }
    }

    private func fail(_ error: any Error) {
        if group?.failure == nil { group?.failure = error }
    }

    /// A script may begin and end transactions, so it does not join a group.
    func prepareForScript() throws {
        if group?.part == nil { commitGroup() } else { try joinGroup() }
    }
}
