/// Sees each statement of a service before it is run; may hold it up, or refuse it. Safe to use from any thread.
package protocol StatementInterceptor: Sendable {
    /// Is called within the statement's span, on the thread that runs the statement: it may block, or throw.
    /// - Parameter name: such as `INSERT tasks`; of a transaction, the name of its main statement.
    func willExecute(_ name: String) throws
}
