import Synchronization

/// Objects that kinds of fault keep for one service between requests, by type. Safe to use from any thread.
package final class FaultMemory: Sendable {
    private let values = Mutex<[ObjectIdentifier: any AnyObject & Sendable]>([:])

    package init() {}

    /// Returns the single object of its type, created on first use. `make` must not request another object.
    package func value<Value: AnyObject & Sendable>(_ make: () -> Value) -> Value {
        values.withLock { values in
            if let known = values[ObjectIdentifier(Value.self)] as? Value { return known }
            let made = make()
            values[ObjectIdentifier(Value.self)] = made
            return made
        }
    }
}
