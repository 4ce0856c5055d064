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
    /// The value set last, before those set earlier. Setting one costs one allocation, whatever else is carried, and the
    /// active span, which is read most often, usually comes first.
    @usableFromInline var newest: Node?

    /// Longer chains are shortened when a value is added, so that a context changed in a loop does not grow.
    @usableFromInline static var maximumDepth: Int { 16 }

    @usableFromInline
    init(newest: Node?) { self.newest = newest }

    /// A context with nothing in it: where a new trace starts.
    @inlinable public static var topLevel: ServiceContext { ServiceContext(newest: nil) }

    /// The context of the running task, or `nil` outside any request.
    @TaskLocal public static var current: ServiceContext?

    /// The value under `key`; assigning `nil` removes it.
    @inlinable
    public subscript<Key: ServiceContextKey>(_ key: Key.Type) -> Key.Value? {
        get {
            // The chain is immutable and this context holds it, so the nodes need not be retained one by one: that would
            // take longer than all the rest.
            let id = ObjectIdentifier(key)
            var next = newest.map(Unmanaged.passUnretained)
            return withExtendedLifetime(newest) {
                while let node = next {
                    if node._withUnsafeGuaranteedRef({ $0.key }) == id {
                        // Nodes under a key are only ever made here, with the type of the key's values.
                        return node._withUnsafeGuaranteedRef { unsafeDowncast($0, to: Entry<Key.Value>.self).value }
                    }
                    next = node._withUnsafeGuaranteedRef { $0.older.map(Unmanaged.passUnretained) }
                }
                return nil
            }
        }
        set {
            let id = ObjectIdentifier(key)
            if let newest, newest.key == id { self.newest = newest.older }
            if let newValue {
                if let newest, newest.depth >= Self.maximumDepth { removeAll(under: id) }
                newest = Entry(id, newValue, onto: newest)
            } else {
                removeAll(under: id)
            }
        }
    }

    /// Rebuilds the chain without the values under `key` and without those that newer ones hide.
    @usableFromInline
    mutating func removeAll(under key: ObjectIdentifier) {
        var kept: [Node] = []
        var next = newest
        while let node = next {
            if node.key != key, !kept.contains(where: { $0.key == node.key }) { kept.append(node) }
            next = node.older
        }
        newest = kept.reversed().reduce(nil) { older, node in node.copy(onto: older) }
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

extension ServiceContext {
    /// A value with its key. Unchecked only because the class is not final: all that it and its subclass store is
    /// immutable and sendable.
    @usableFromInline
    class Node: @unchecked Sendable {
        @usableFromInline final let key: ObjectIdentifier
        @usableFromInline final let older: Node?
        @usableFromInline final let depth: Int

        @inlinable
        init(_ key: ObjectIdentifier, onto older: Node?) {
            self.key = key
            self.older = older
            depth = (older?.depth ?? 0) + 1
        }

        @usableFromInline
        func copy(onto older: Node?) -> Node { preconditionFailure("a node without a value is never made") }
    }

    /// The value of a key.
    @usableFromInline
    final class Entry<Value: Sendable>: Node, @unchecked Sendable {
        @usableFromInline let value: Value

        @inlinable
        init(_ key: ObjectIdentifier, _ value: Value, onto older: Node?) {
            self.value = value
            super.init(key, onto: older)
        }

        @usableFromInline
        override func copy(onto older: Node?) -> Node { Entry(key, value, onto: older) }
    }
}
