/// Observes each SQL statement of a service before it runs; may delay or refuse it. Safe to use from any thread.
package protocol StatementInterceptor: Sendable {
    /// Called within the statement's span, on the thread that runs the statement. May block or throw.
    /// - Parameter name: the name of the statement, such as `INSERT tasks`; for a transaction, that of its main
    ///   statement.
    func willExecute(_ name: String) throws
}
