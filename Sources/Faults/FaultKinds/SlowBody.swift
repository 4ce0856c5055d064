import FaultRules
import HTTP
import Synchronization

extension FaultDefinition {
    /// Sends the response in small pieces.
    static let slowBody = FaultDefinition(
        "slow-body", .wire, argument: .rate,
        summary: "sends the answer so many bytes a second",
        .response { fault, response in
            guard case .bytesPerSecond(let rate) = fault.argument, !response.body.isEmpty else { return }
            fault.inject()
            response.stream = .paced(bytesPerSecond: rate)
        })
}

extension FaultKind { package static let slowBody = FaultDefinition.slowBody.kind }

extension BodyStream {
    /// Ten pieces a second, or one byte at a time.
    private static let piecesPerSecond = 10

    /// Returns a body that is sent at `rate` bytes per second.
    fileprivate static func paced(bytesPerSecond rate: Int) -> BodyStream {
        let piece = max(rate / piecesPerSecond, 1)
        let rested = Position()
        return BodyStream { position, _ in
            // A pause follows each piece.
            guard rested.value.exchange(position, ordering: .relaxed) != position else { return .send(upTo: piece) }
            return .pause(.seconds(Double(piece) / Double(rate)))
        }
    }
}

/// The position at which the last pause began.
private final class Position: Sendable {
    let value = Atomic(0)
}
