import Contracts
import HTTP
import SQLite

extension Ledger {
    // No check uses `IN` with more than two values: SQLite would build a table of them for every row written.
    static let migrations = [
        """
        CREATE TABLE accounts (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            balance INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE TABLE channels (
            guild_id TEXT PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            available_account INTEGER NOT NULL REFERENCES accounts (id),
            held_account INTEGER NOT NULL REFERENCES accounts (id)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE reservations (
            id TEXT PRIMARY KEY,
            idempotency_key TEXT NOT NULL,
            guild_id TEXT NOT NULL,
            channel_id TEXT NOT NULL,
            amount INTEGER NOT NULL CHECK (amount >= 0),
            state TEXT NOT NULL CHECK (state = 'held' OR state = 'captured' OR state = 'released')
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE transfers (
            id INTEGER PRIMARY KEY,
            debit_account INTEGER NOT NULL REFERENCES accounts (id),
            credit_account INTEGER NOT NULL REFERENCES accounts (id),
            amount INTEGER NOT NULL CHECK (amount > 0),
            reservation_id TEXT
        ) STRICT;
        INSERT INTO accounts (id, name) VALUES (1, 'equity'), (2, 'revenue');
        """
    ]

    static let equityAccount: Int64 = 1
    static let revenueAccount: Int64 = 2
    /// The key of a reservation that was released before it was made.
    static let tombstoneKey = ""

    /// A guild's accounts. They never change once the guild is there.
    struct Channel: Sendable {
        let id: String
        let availableAccount: Int64
        let heldAccount: Int64
    }

    /// Fills an empty ledger. A ledger that has guilds is left unchanged.
    static func seed(_ database: Database, guilds: Int, openingBalance: Int64) throws {
        guard guilds > 0, try database.first("SELECT count(*) FROM channels", read: { $0.int64(0) }) == 0 else {
            return
        }
        for number in 1...guilds {
            let (guild, channel) = ("g-\(number)", "ch-\(number)")
            try database.execute("INSERT INTO accounts (name) VALUES (?)", .text(guild + "/available"))
            let available = database.lastInsertRowID
            try database.execute("INSERT INTO accounts (name) VALUES (?)", .text(guild + "/held"))
            let held = database.lastInsertRowID
            try database.execute(
                "INSERT INTO channels (guild_id, id, available_account, held_account) VALUES (?, ?, ?, ?)",
                .text(guild), .text(channel), .integer(available), .integer(held))
            if openingBalance > 0 {
                _ = try transfer(openingBalance, from: equityAccount, to: available, reservationID: nil, database)
            }
        }
    }

    /// Moves an amount. This is the only place where a balance changes.
    /// - Returns: `false` if the account has less than that. Nothing has been written then.
    static func transfer(
        _ amount: Int64, from debit: Int64, to credit: Int64, reservationID: String?, _ database: Database
    ) throws -> Bool {
        // Only the source of the opening balances may be overdrawn.
        let taken = try database.execute(
            "UPDATE accounts SET balance = balance - ?1 WHERE id = ?2 AND (balance >= ?1 OR id = 1)", .integer(amount),
            .integer(debit))
        guard taken == 1 else { return false }
        try database.execute(
            "INSERT INTO transfers (debit_account, credit_account, amount, reservation_id) VALUES (?, ?, ?, ?)",
            .integer(debit), .integer(credit), .integer(amount), .optional(reservationID))
        try database.execute(
            "UPDATE accounts SET balance = balance + ? WHERE id = ?", .integer(amount), .integer(credit))
        return true
    }

    static func find(_ id: String, _ database: Database) throws -> (reservation: Reservation, key: String)? {
        try database.first(Query.find.sql, .text(id)) { row in
            (
                Reservation(
                    reservationID: id, channelID: row.text(0), guildID: row.text(1), amount: row.int64(2),
                    state: ReservationState(rawValue: row.text(3)) ?? .held), row.text(4)
            )
        }
    }

    /// Whether `id` could be a reservation id. No other id is recorded as released.
    static func isReservationID(_ id: String) -> Bool {
        id.hasPrefix("r-t-") && id.utf8.count <= 68
            && id.utf8.allSatisfy { ($0 >= 48 && $0 <= 57) || ($0 >= 97 && $0 <= 122) || $0 == 0x2D }
    }

    static func conflict(_ message: String) -> HTTPError {
        HTTPError(.conflict, type: "reservation-conflict", message: message)
    }

    static func unknownReservation(_ id: String) -> HTTPError {
        HTTPError(.notFound, type: "unknown-reservation", message: "there is no reservation \(id)")
    }
}
