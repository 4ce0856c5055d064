/// Sees each piece of work before it is given to a ``ThreadPool``; may put work of its own before it. Safe to use from
/// any thread.
package protocol ThreadPoolInterceptor: Sendable {
    /// Is called on the task of whoever gives the work.
    func willSubmit(to pool: ThreadPool)
}
