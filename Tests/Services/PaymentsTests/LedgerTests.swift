import Contracts
import HTTP
import SQLite
import Testing

@testable import Payments

@Suite("The payments ledger")
struct LedgerTests {
    let ledger: Ledger

    init() throws { ledger = try Ledger(path: ":memory:", guilds: 2, openingBalance: 100) }

    private func request(_ task: String, _ amount: Int64, guild: String = "g-1") -> ReservationRequest {
        ReservationRequest(guildID: guild, taskID: task, amount: amount)
    }

    private func problem(_ body: () throws -> Void) -> (HTTPStatus, String?)? {
        do {
            try body()
            return nil
        } catch let error as HTTPError {
            return (error.status, error.type)
        } catch {
            Issue.record(error)
            return nil
        }
    }

    @Test func aNewLedgerIsSoundWithItsOpeningBalances() throws {
        let audit = try ledger.integrity()
        #expect(audit.isSound)
        #expect(audit.accounts == 6)
        #expect(audit.transfers == 2)
        #expect(try ledger.balance(guildID: "g-2").available == 100)
    }

    @Test func aHeldAmountIsCaptured() throws {
        let (reservation, isNew) = try ledger.reserve(request("t1", 30), idempotencyKey: "k1")
        #expect(isNew && reservation.state == .held && reservation.channelID == "ch-1")
        #expect(try ledger.balance(guildID: "g-1") == ("ch-1", 70, 30))
        #expect(try ledger.settle(reservation.reservationID).state == .captured)
        #expect(try ledger.balance(guildID: "g-1") == ("ch-1", 70, 0))
        #expect(try ledger.integrity().isSound)
    }

    @Test func aHeldAmountIsReleased() throws {
        let (reservation, _) = try ledger.reserve(request("t1", 30), idempotencyKey: "k1")
        #expect(try ledger.release(reservation.reservationID).state == .released)
        #expect(try ledger.balance(guildID: "g-1") == ("ch-1", 100, 0))
        #expect(try ledger.integrity().isSound)
    }

    @Test func repeatedOperationsMoveMoneyOnce() throws {
        for _ in 0..<3 { _ = try ledger.reserve(request("t1", 30), idempotencyKey: "k1") }
        #expect(try ledger.balance(guildID: "g-1") == ("ch-1", 70, 30))
        for _ in 0..<3 { _ = try ledger.settle("r-t1") }
        #expect(try ledger.balance(guildID: "g-1") == ("ch-1", 70, 0))
        #expect(try ledger.integrity().transfers == 4)
        _ = try ledger.reserve(request("t2", 10), idempotencyKey: "k2")
        for _ in 0..<3 { _ = try ledger.release("r-t2") }
        #expect(try ledger.balance(guildID: "g-1") == ("ch-1", 70, 0))
    }

    @Test func impossibleOperationsAreRefused() throws {
        _ = try ledger.reserve(request("t1", 30), idempotencyKey: "k1")
        #expect(
            problem { _ = try ledger.reserve(request("t9", 5, guild: "nobody"), idempotencyKey: "k") }! == (
                .notFound, "unknown-guild"
            ))
        #expect(
            problem { _ = try ledger.reserve(request("t9", 71), idempotencyKey: "k") }! == (
                .paymentRequired, "insufficient-balance"
            ))
        #expect(
            problem { _ = try ledger.reserve(request("t1", 31), idempotencyKey: "k1") }! == (
                .conflict, "reservation-conflict"
            ))
        #expect(
            problem { _ = try ledger.reserve(request("t1", 30), idempotencyKey: "other") }! == (
                .conflict, "reservation-conflict"
            ))
        #expect(problem { _ = try ledger.settle("r-none") }! == (.notFound, "unknown-reservation"))
        _ = try ledger.settle("r-t1")
        #expect(problem { _ = try ledger.release("r-t1") }! == (.conflict, "reservation-conflict"))
        #expect(try ledger.balance(guildID: "g-1") == ("ch-1", 70, 0))
        #expect(try ledger.integrity().isSound)
    }

    @Test func theWholeBalanceCanBeHeld() throws {
        _ = try ledger.reserve(request("t1", 100), idempotencyKey: "k1")
        #expect(try ledger.balance(guildID: "g-1") == ("ch-1", 0, 100))
    }

    /// A reservation whose response was lost is released. If the request itself arrives later, it must hold nothing.
    @Test func aReleaseThatOvertakesItsReservationWins() throws {
        #expect(problem { _ = try ledger.release("r-t-late") }! == (.notFound, "unknown-reservation"))
        #expect(problem { _ = try ledger.release("r-t-late") }! == (.notFound, "unknown-reservation"))
        #expect(
            problem { _ = try ledger.reserve(request("t-late", 10), idempotencyKey: "k") }! == (
                .conflict, "reservation-conflict"
            ))
        #expect(try ledger.balance(guildID: "g-1") == ("ch-1", 100, 0))
        #expect(try ledger.integrity().isSound)
    }

    @Test func aReservationHoldsNothingThatIsNotThere() throws {
        _ = try ledger.reserve(request("t1", 30), idempotencyKey: "k1")
        try ledger.corruptForTesting("UPDATE accounts SET balance = 10 WHERE name = 'g-1/held'")
        #expect(throws: SQLiteError.self) { try ledger.settle("r-t1") }
        #expect(try ledger.reservation("r-t1").state == .held)
    }

    /// A request that is repeated under another guild, even one that does not exist, still names its reservation.
    @Test func aRepeatedReservationIsFoundWhateverItsGuild() throws {
        _ = try ledger.reserve(request("t1", 30), idempotencyKey: "k1")
        for guild in ["g-2", "nobody"] {
            let (found, isNew) = try ledger.reserve(request("t1", 30, guild: guild), idempotencyKey: "k1")
            #expect(!isNew && found.guildID == "g-1")
        }
        #expect(try ledger.integrity().transfers == 3)
    }

    @Test func theAuditDetectsMoneyFromNowhere() throws {
        try ledger.corruptForTesting("UPDATE accounts SET balance = balance + 1 WHERE id = 1")
        let audit = try ledger.integrity()
        #expect(!audit.isSound)
        #expect(audit.sum == 1 && audit.accountsOffTheirTransfers == 1)
    }

    @Test func theAuditDetectsAHoldWithoutAReservation() throws {
        _ = try ledger.reserve(request("t1", 30), idempotencyKey: "k1")
        try ledger.corruptForTesting("UPDATE reservations SET state = 'released'")
        let audit = try ledger.integrity()
        #expect(!audit.isSound && audit.sum == 0 && audit.heldOnAccounts == 30 && audit.heldByReservations == 0)
    }
}

extension Ledger {
    fileprivate func corruptForTesting(_ sql: String) throws { try database.withLock { try $0.execute(script: sql) } }
}
