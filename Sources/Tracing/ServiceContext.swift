/// A key into a ``ServiceContext``; declare one empty type per value you carry.
public protocol ServiceContextKey: Sendable {
    /// What is carried under the key.
    associatedtype Value: Sendable
}

/// What travels with a request through a process: the active span, its baggage, its deadline.
///
/// A value type, immutable once shared; the current one is task-local, so that child tasks and every log line
/// written on behalf of a request see it without being handed it.
public struct ServiceContext: Sendable {
    /// Few entries, read often: a linear scan of an array beats hashing a type.
    @usableFromInline var entries: [Entry] = []

    /// A value under the identity of its key.
    @usableFromInline struct Entry: Sendable {
        @usableFromInline let key: ObjectIdentifier
        /// A ``Box`` of the key's value type; kept as an object, which is read without a dynamic cast.
        @usableFromInline let box: any AnyObject & Sendable

        @inlinable
        init(key: ObjectIdentifier, box: any AnyObject & Sendable) {
            self.key = key
            self.box = box
        }
    }

    @usableFromInline final class Box<Value: Sendable>: Sendable {
        @usableFromInline let value: Value

        @inlinable
        init(_ value: Value) { self.value = value }
    }

    private init() {}

    /// A context with nothing in it: where a new trace starts.
    public static var topLevel: ServiceContext { ServiceContext() }

    /// The context of the running task, or `nil` outside any request.
    @TaskLocal public static var current: ServiceContext?

    /// The value under `key`; assigning `nil` removes it.
    @inlinable
    public subscript<Key: ServiceContextKey>(_ key: Key.Type) -> Key.Value? {
        get {
            let id = ObjectIdentifier(key)
            for entry in entries where entry.key == id {
                // Whoever sets the entry of a key puts a box of the key's value type there.
                return unsafeDowncast(entry.box, to: Box<Key.Value>.self).value
            }
            return nil
        }
        set {
            let id = ObjectIdentifier(key)
            entries.removeAll { $0.key == id }
            if let newValue { entries.append(Entry(key: id, box: Box(newValue))) }
        }
    }

    /// Runs `operation` with `value` as the current context.
    @inlinable
    public static func withValue<T>(_ value: ServiceContext?, operation: () throws -> T) rethrows -> T {
        try $current.withValue(value, operation: operation)
    }

    /// Runs `operation` with `value` as the current context, also across its suspensions.
    @inlinable
    public static func withValue<T>(_ value: ServiceContext?, operation: () async throws -> T) async rethrows -> T {
        try await $current.withValue(value, operation: operation)
    }
}
