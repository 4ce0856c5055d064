/// Observes each job before it is submitted to a ``ThreadPool``, and may submit work ahead of it. Safe to use from any
/// thread.
package protocol ThreadPoolInterceptor: Sendable {
    /// Called on the submitter's task.
    func willSubmit(to pool: ThreadPool)
}
