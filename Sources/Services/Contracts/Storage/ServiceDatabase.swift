import EventLoop
import SQLite
import Synchronization

/// A service's database. Safe to use from any thread.
///
/// What the service's loop writes in one turn is one transaction. It is committed when the turn ends, before the
/// answers and calls of the turn are sent. If the commit fails, the loop drops them: nobody hears of what is not
/// stored.
///
/// Other threads write at once. They never see what is not committed yet: an open group is committed first.
package final class ServiceDatabase: Sendable {
    private let database: Mutex<Database>
    private let commits: GroupCommit?

    /// - Parameter commits: where writes are grouped; if `nil`, each commits itself.
    package init(_ database: sending Database, commits: GroupCommit?) {
        self.database = Mutex(database)
        self.commits = commits
        guard let commits else { return }
        self.database.withLock { database in
            database.groupWrites { [weak self] in
                guard let self else { return }
                // A group begins on the loop only. Until it ends, nobody lets go of the database.
                commits.eventLoop.commitAtEndOfTurn { self.endGroup() }
            }
        }
    }

    /// Runs `body` with the database. On the loop, what it writes belongs to the turn's group.
    package func withLock<T>(_ body: (inout sending Database) throws -> sending T) rethrows -> sending T {
        let isElsewhere = commits.map { !$0.eventLoop.inEventLoop } ?? false
        return try database.withLock { database in
            guard isElsewhere else { return try body(&database) }
            database.leaveGroup()
            defer { database.rejoinGroup() }
            return try body(&database)
        }
    }

    /// Returns once everything that this turn has written so far is stored. Needed only by work that tells nobody
    /// through the loop what it wrote.
    /// - Throws: the error of the commit.
    package func waitUntilStored() async throws {
        guard let loop = commits?.eventLoop, loop.inEventLoop else { return }
        try await withUnsafeThrowingContinuation { continuation in
            loop.sendAtEndOfTurn(Waiter(continuation))
        }
    }

    /// Commits what is open, then closes.
    package func close() { withLock { $0.close() } }

    private func endGroup() -> (any Error)? {
        let failure = database.withLock { $0.endGroup() }
        if let failure { commits?.report(failure) }
        return failure
    }

    private final class Waiter: TurnOutput {
        private let continuation: UnsafeContinuation<Void, any Error>
        init(_ continuation: UnsafeContinuation<Void, any Error>) { self.continuation = continuation }
        func sendOutput() { continuation.resume() }
        func discardOutput(_ error: any Error) { continuation.resume(throwing: error) }
    }
}
