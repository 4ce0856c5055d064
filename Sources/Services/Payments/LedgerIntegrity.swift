extension Ledger {
    /// What an audit of the books found.
    struct Integrity: Sendable, Equatable {
        /// Over all accounts; zero, or money was made or lost.
        var sum: Int64
        var accounts: Int64
        var transfers: Int64
        /// Accounts whose balance is not what their transfers add up to.
        var accountsOffTheirTransfers: Int64
        var heldOnAccounts: Int64
        var heldByReservations: Int64

        var isSound: Bool {
            sum == 0 && accountsOffTheirTransfers == 0 && heldOnAccounts == heldByReservations
        }
    }
}
