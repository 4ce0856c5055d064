import Contracts

extension Ledger {
    /// The name of the database in telemetry: its file name.
    static let name = "payments.sqlite"

    /// The statements that name the operations.
    enum Query {
        static let reserve = QueryText(
            """
            INSERT INTO reservations (id, idempotency_key, guild_id, channel_id, amount, state)
            VALUES (?, ?, ?, ?, ?, 'held') ON CONFLICT (id) DO NOTHING
            """)
        static let finish = QueryText("UPDATE reservations SET state = ? WHERE id = ?")
        static let find = QueryText(
            "SELECT channel_id, guild_id, amount, state, idempotency_key FROM reservations WHERE id = ?")
        static let balance = QueryText(
            """
            SELECT c.id, a.balance, h.balance FROM channels c
            JOIN accounts a ON a.id = c.available_account JOIN accounts h ON h.id = c.held_account
            WHERE c.guild_id = ?
            """)
        static let audit = QueryText(
            """
            WITH moves (account, amount) AS (
                SELECT credit_account, amount FROM transfers
                UNION ALL SELECT debit_account, -amount FROM transfers),
            expected AS (SELECT account, sum(amount) AS amount FROM moves GROUP BY account),
            moved AS (
                SELECT a.balance, a.name, coalesce(e.amount, 0) AS expected
                FROM accounts a LEFT JOIN expected e ON e.account = a.id)
            SELECT coalesce(sum(balance), 0), count(*), (SELECT count(*) FROM transfers),
                coalesce(sum(balance <> expected), 0), coalesce(sum(balance) FILTER (WHERE name LIKE '%/held'), 0),
                (SELECT coalesce(sum(amount), 0) FROM reservations WHERE state = 'held')
            FROM moved
            """)
    }
}
