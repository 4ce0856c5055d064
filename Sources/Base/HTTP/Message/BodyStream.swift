/// Controls step by step how a body reaches the client. The server asks for the next step whenever it could write more.
///
///     response.stream = BodyStream { position, count in position < 10 ? .send(upTo: 1) : .end }
///
/// A stream serves one response. Its closure is called on the connection's loop.
public final class BodyStream: Sendable {
    /// What the server does next.
    public enum Step: Sendable, Equatable {
        /// Writes up to this many more bytes, at least one; the connection may take fewer at once.
        case send(upTo: Int)
        /// Writes nothing for this long, then asks again.
        case pause(Duration)
        /// Ends the connection here, although `content-length` promised the whole body.
        case end
        /// Resets the connection (TCP RST). As the first step, it replaces the whole response.
        case reset
    }

    private let next: @Sendable (_ position: Int, _ count: Int) -> Step

    /// Creates a stream.
    /// - Parameter next: receives the number of bytes written and the total, and returns the next step.
    public init(_ next: @escaping @Sendable (_ position: Int, _ count: Int) -> Step) { self.next = next }

    func step(at position: Int, of count: Int) -> Step { next(position, count) }
}
