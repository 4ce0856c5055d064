import Logging

/// An event that is lent for the time of a call: every copy of an event retains and releases all that is in it.
///
/// Unchecked: nobody changes the event meanwhile, and nobody keeps what is lent.
struct LentEvent: @unchecked Sendable {
    private let pointer: UnsafePointer<LogEvent>

    fileprivate init(_ pointer: UnsafePointer<LogEvent>) { self.pointer = pointer }

    @inline(__always) var pointee: LogEvent { _read { yield pointer.pointee } }
}

extension LogEvent {
    /// Lends the event to `body`.
    @inline(__always)
    func lend<R>(to body: (LentEvent) -> R) -> R { withUnsafePointer(to: self) { body(LentEvent($0)) } }
}
