import Contracts
import HTTP
import SQLite
import Synchronization

/// A double-entry ledger. Every movement is a transfer of an amount from one account to another, so the sum over all
/// accounts is always zero. Safe to use from any thread.
///
/// Each guild has two accounts, `available` and `held`. The house has `equity`, the source of opening balances, and
/// `revenue`, which receives captured amounts.
final class Ledger: Sendable {
    let database: ServiceDatabase
    /// The channels of the guilds that were asked for so far.
    private let channels = Mutex<[String: Channel]>([:])

    /// - Parameters:
    ///   - guilds: the number of guilds, `g-1` …, that an empty ledger starts with.
    ///   - openingBalance: the opening balance of each guild, in minor units.
    ///   - commits: where writes are grouped; if `nil`, each commits itself.
    init(path: String, guilds: Int, openingBalance: Int64, commits: GroupCommit? = nil) throws {
        let opened = try Database(path: path, configuration: .shortRows)
        try opened.migrate(Self.migrations)
        try opened.transaction { try Self.seed(opened, guilds: guilds, openingBalance: openingBalance) }
        database = ServiceDatabase(opened, commits: commits)
    }

    /// Throws if the ledger cannot be written: a read-only ledger cannot serve requests.
    func ping() throws { try database.withLock { try $0.proveWritable() } }

    func close() { database.close() }

    /// Holds an amount. The same key and request return the same reservation, no matter how often and in what order
    /// they arrive.
    /// - Throws: ``HTTPError`` 404 for an unknown guild, 402 for insufficient balance, 409 for a key that was used
    ///   before for a different request, or whose reservation has been released.
    func reserve(_ request: ReservationRequest, idempotencyKey: String) throws -> (Reservation, isNew: Bool) {
        let id = "r-" + request.taskID
        return try database.withLock { database in
            try database.transaction {
                guard let channel = try channel(of: request.guildID, database) else {
                    if let known = try Self.find(id, database) {
                        return (try Self.repeated(known, request, idempotencyKey), false)
                    }
                    throw HTTPError(.notFound, type: "unknown-guild", message: "there is no guild \(request.guildID)")
                }
                let inserted = try database.execute(
                    Query.reserve.sql, .text(id), .text(idempotencyKey), .text(request.guildID), .text(channel.id),
                    .integer(request.amount))
                if inserted == 0, let known = try Self.find(id, database) {
                    return (try Self.repeated(known, request, idempotencyKey), false)
                }
                guard
                    try Self.transfer(
                        request.amount, from: channel.availableAccount, to: channel.heldAccount, reservationID: id,
                        database)
                else {
                    throw HTTPError(
                        .paymentRequired, type: "insufficient-balance",
                        message: "the channel of guild \(request.guildID) has less than \(request.amount) available")
                }
                return (
                    Reservation(
                        reservationID: id, channelID: channel.id, guildID: request.guildID, amount: request.amount,
                        state: .held), true
                )
            }
        }
    }

    /// - Returns: the reservation that a repeated request made before.
    private static func repeated(
        _ known: (reservation: Reservation, key: String), _ request: ReservationRequest, _ idempotencyKey: String
    ) throws -> Reservation {
        guard known.key == idempotencyKey || known.key == tombstoneKey,
            known.reservation.amount == request.amount || known.reservation.amount == 0
        else { throw conflict("the task already has another reservation") }
        guard known.reservation.state != .released else { throw conflict("the reservation was released") }
        return known.reservation
    }

    private func channel(of guildID: String, _ database: Database) throws -> Channel? {
        if let known = channels.withLock({ $0[guildID] }) { return known }
        let found = try database.first(
            "SELECT id, available_account, held_account FROM channels WHERE guild_id = ?", .text(guildID)
        ) { row in Channel(id: row.text(0), availableAccount: row.int64(1), heldAccount: row.int64(2)) }
        if let found { channels.withLock { $0[guildID] = found } }
        return found
    }

    /// Captures a held amount; does nothing if it was captured before.
    /// - Throws: ``HTTPError`` 404 for an unknown reservation, 409 for a released one.
    func settle(_ id: String) throws -> Reservation {
        try finish(id, as: .captured)
    }

    /// Releases a held amount; does nothing if it was released before. An unknown reservation is recorded as released,
    /// so a delayed request for it holds nothing.
    /// - Throws: ``HTTPError`` 409 for a captured reservation.
    func release(_ id: String) throws -> Reservation {
        try finish(id, as: .released)
    }

    private func finish(_ id: String, as state: ReservationState) throws -> Reservation {
        let finished: Reservation? = try database.withLock { database in
            try database.transaction {
                let known = try Self.find(id, database)
                if known?.key == Self.tombstoneKey { throw Self.unknownReservation(id) }
                guard var reservation = known?.reservation else {
                    guard state == .released, Self.isReservationID(id) else { throw Self.unknownReservation(id) }
                    try database.execute(
                        """
                        INSERT INTO reservations (id, idempotency_key, guild_id, channel_id, amount, state)
                        VALUES (?, '', '', '', 0, 'released')
                        """, .text(id))
                    return nil
                }
                guard reservation.state != state else { return reservation }
                guard reservation.state == .held else {
                    throw Self.conflict("the reservation is \(reservation.state.rawValue)")
                }
                guard let channel = try channel(of: reservation.guildID, database) else {
                    throw Self.conflict("the reservation's guild has no channel")
                }
                try database.execute(
                    Query.finish.sql, .text(state.rawValue), .text(id))
                guard
                    try Self.transfer(
                        reservation.amount, from: channel.heldAccount,
                        to: state == .captured ? Self.revenueAccount : channel.availableAccount, reservationID: id,
                        database)
                else {
                    // SQLITE_CONSTRAINT
                    throw SQLiteError(code: 19, message: "channel \(channel.id) holds less than is reserved on it")
                }
                reservation.state = state
                return reservation
            }
        }
        // Thrown outside the transaction, so that the recorded release is not rolled back.
        guard let finished else { throw Self.unknownReservation(id) }
        return finished
    }

    /// - Throws: ``HTTPError`` 404 for an unknown reservation.
    func reservation(_ id: String) throws -> Reservation {
        try database.withLock { database in
            guard let found = try Self.find(id, database) else { throw Self.unknownReservation(id) }
            return found.reservation
        }
    }

    /// - Throws: ``HTTPError`` 404 for an unknown guild.
    func balance(guildID: String) throws -> (channelID: String, available: Int64, held: Int64) {
        try database.withLock { database in
            let balance = try database.first(Query.balance.sql, .text(guildID)) { row in
                (channelID: row.text(0), available: row.int64(1), held: row.int64(2))
            }
            guard let balance else {
                throw HTTPError(.notFound, type: "unknown-guild", message: "there is no guild \(guildID)")
            }
            return balance
        }
    }

    /// Audits the ledger in one consistent read.
    func integrity() throws -> Integrity {
        try database.withLock { database in
            let figures = try database.first(
                Query.audit.sql
            ) { row in
                Integrity(
                    sum: row.int64(0), accounts: row.int64(1), transfers: row.int64(2),
                    accountsOffTheirTransfers: row.int64(3), heldOnAccounts: row.int64(4),
                    heldByReservations: row.int64(5))
            }
            guard let figures else { throw SQLiteError(code: 101, message: "the audit gave no row") }
            return figures
        }
    }
}
