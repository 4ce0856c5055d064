extension Ledger {
    /// The findings of a ledger audit.
    struct Integrity: Sendable, Equatable {
        /// The sum over all accounts. If it is not zero, money was created or lost.
        var sum: Int64
        var accounts: Int64
        var transfers: Int64
        /// The number of accounts whose balance differs from the sum of their transfers.
        var accountsOffTheirTransfers: Int64
        var heldOnAccounts: Int64
        var heldByReservations: Int64

        var isSound: Bool {
            sum == 0 && accountsOffTheirTransfers == 0 && heldOnAccounts == heldByReservations
        }
    }
}
