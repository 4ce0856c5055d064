/// Says piece by piece how a body reaches the client: the server asks for the next step whenever it could write more.
///
///     response.stream = BodyStream { position, count in position < 10 ? .send(upTo: 1) : .end }
///
/// Made for one response. The question is asked on the loop of the connection.
public final class BodyStream: Sendable {
    /// What the server does next.
    public enum Step: Sendable, Equatable {
        /// Writes so many bytes more, at least one; the connection may take fewer at once.
        case send(upTo: Int)
        /// Writes nothing for so long, then asks again.
        case pause(Duration)
        /// Ends the connection here, though `content-length` has promised the whole.
        case end
        /// Resets the connection (TCP RST). As the first step: instead of any answer.
        case reset
    }

    private let next: @Sendable (_ position: Int, _ count: Int) -> Step

    /// Creates a stream.
    /// - Parameter next: is given how many bytes have been written and how many there are.
    public init(_ next: @escaping @Sendable (_ position: Int, _ count: Int) -> Step) { self.next = next }

    func step(at position: Int, of count: Int) -> Step { next(position, count) }
}
