import Contracts
import EventLoop
import HTTP
import Logging
import Metrics
import SQLite
import Testing

@testable import Payments

@Suite("The ledger, with one commit for each turn of the loop")
struct LedgerGroupTests {
    private let loop: EventLoop
    private let ledger: Ledger

    init() throws {
        loop = try EventLoop(name: "ledger")
        ledger = try Ledger(
            path: ":memory:", guilds: 2, openingBalance: 100,
            commits: GroupCommit(
                eventLoop: loop, logger: .noOp, metrics: NOOPMetricsHandler(), database: Ledger.name))
        try loop.start()
    }

    private final class Answer: TurnOutput {
        let end: ((any Error)?) -> Void
        init(_ end: @escaping ((any Error)?) -> Void) { self.end = end }
        func sendOutput() { end(nil) }
        func discardOutput(_ error: any Error) { end(error) }
    }

    /// Runs `body` in one turn of the loop; returns why its answers were dropped.
    private func turn(_ body: @escaping @Sendable (Ledger) throws -> Void) async throws -> (any Error)? {
        try await withCheckedThrowingContinuation { continuation in
            loop.submit { [ledger, loop] in
                do { try body(ledger) } catch { return continuation.resume(throwing: error) }
                loop.sendAtEndOfTurn(Answer { continuation.resume(returning: $0) })
            }
        }
    }

    private static func request(_ task: String, _ amount: Int64) -> ReservationRequest {
        ReservationRequest(guildID: "g-1", taskID: task, amount: amount)
    }

    @Test("A refusal undoes nothing of what others reserved in the same turn")
    func aRefusalUndoesNothingOfOthers() async throws {
        let failure = try await turn { ledger in
            _ = try ledger.reserve(Self.request("t1", 30), idempotencyKey: "k1")
            #expect(throws: HTTPError.self) {
                try ledger.reserve(Self.request("t2", 71), idempotencyKey: "k2")
            }
            _ = try ledger.reserve(Self.request("t3", 70), idempotencyKey: "k3")
            _ = try ledger.settle("r-t1")
        }
        #expect(failure == nil)
        #expect(try ledger.balance(guildID: "g-1") == ("ch-1", 0, 70))
        #expect(throws: HTTPError.self) { try ledger.reservation("r-t2") }
        let audit = try ledger.integrity()
        #expect(audit.isSound && audit.transfers == 5)
        loop.stop()
    }

    @Test("A commit that fails leaves the books as they were")
    func aFailedCommitLeavesTheBooksAsTheyWere() async throws {
        try ledger.database.withLock {
            try $0.execute(
                script: """
                    CREATE TABLE broken (x INTEGER REFERENCES accounts (id) DEFERRABLE INITIALLY DEFERRED);
                    CREATE TRIGGER breaking AFTER INSERT ON transfers BEGIN INSERT INTO broken VALUES (-1); END;
                    """)
        }
        let failure = try await turn { ledger in
            _ = try ledger.reserve(Self.request("t1", 30), idempotencyKey: "k1")
            _ = try ledger.reserve(Self.request("t2", 30), idempotencyKey: "k2")
        }
        #expect((failure as? SQLiteError)?.isConstraint == true)
        #expect(throws: HTTPError.self) { try ledger.reservation("r-t1") }
        #expect(try ledger.balance(guildID: "g-1") == ("ch-1", 100, 0))
        #expect(try ledger.integrity().isSound)
        try ledger.database.withLock { try $0.execute(script: "DROP TRIGGER breaking") }
        #expect(try await turn { _ = try $0.reserve(Self.request("t1", 30), idempotencyKey: "k1") } == nil)
        #expect(try ledger.balance(guildID: "g-1") == ("ch-1", 70, 30))
        loop.stop()
    }
}
