import Synchronization

/// What kinds of fault keep for one service from one request to the next, by type. Safe to use from any thread.
package final class FaultMemory: Sendable {
    private let values = Mutex<[ObjectIdentifier: any AnyObject & Sendable]>([:])

    package init() {}

    /// The one object of its type; made when it is first asked for. `make` must not ask for another.
    package func value<Value: AnyObject & Sendable>(_ make: () -> Value) -> Value {
        values.withLock { values in
            if let known = values[ObjectIdentifier(Value.self)] as? Value { return known }
            let made = make()
            values[ObjectIdentifier(Value.self)] = made
            return made
        }
    }
}
