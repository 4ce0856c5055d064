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
    private var entries: [(key: ObjectIdentifier, value: any Sendable)] = []

    private init() {}

    /// A context with nothing in it: where a new trace starts.
    public static var topLevel: ServiceContext { ServiceContext() }

    /// The context of the running task, or `nil` outside any request.
    @TaskLocal public static var current: ServiceContext?

    /// The value under `key`; assigning `nil` removes it.
    public subscript<Key: ServiceContextKey>(_ key: Key.Type) -> Key.Value? {
        get {
            let id = ObjectIdentifier(key)
            for entry in entries where entry.key == id { return entry.value as? Key.Value }
            return nil
        }
        set {
            let id = ObjectIdentifier(key)
            let index = entries.firstIndex { $0.key == id }
            switch (index, newValue) {
            case (let index?, let value?): entries[index].value = value
            case (let index?, nil): entries.remove(at: index)
            case (nil, let value?): entries.append((id, value))
            case (nil, nil): break
            }
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
