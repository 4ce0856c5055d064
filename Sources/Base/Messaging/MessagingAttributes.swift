import Tracing
import Vocabulary

/// The attributes of PRODUCER and CONSUMER spans (OpenTelemetry semantic conventions, messaging).
package enum MessagingAttributes {
    /// - Parameters:
    ///   - operation: `send` or `process`.
    ///   - destination: the name of the queue.
    package static func of(_ operation: String, destination: String, messageID: String) -> SpanAttributes {
        [
            Attribute.messagingSystem: "tailspan", "messaging.destination.name": .string(destination),
            "messaging.operation.name": .string(operation), "messaging.operation.type": .string(operation),
            "messaging.message.id": .string(messageID),
        ]
    }
}
