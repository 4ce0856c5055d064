/// A key of a ``ServiceContext``. Declare one empty type for each value to carry.
public protocol ServiceContextKey: Sendable {
    /// The type of the value.
    associatedtype Value: Sendable
}

/// The data that travels with a request through a process: the active span, its baggage, its deadline.
///
/// A value type that is immutable once shared. The current context is task-local, so child tasks and all log lines
/// written for a request see it without explicit parameters.
public struct ServiceContext: Sendable {
    /// The most recently set value, linked to the earlier ones. Setting a value costs one allocation, whatever else is
    /// carried. The active span, which is read most often, usually comes first.
    @usableFromInline var newest: Node?

    /// Longer chains are compacted when a value is added, so that a context changed in a loop does not grow.
    @usableFromInline static var maximumDepth: Int { 16 }

    @usableFromInline
    init(newest: Node?) { self.newest = newest }

    /// An empty context, in which a new trace starts.
    @inlinable public static var topLevel: ServiceContext { ServiceContext(newest: nil) }

    /// The context of the running task; `nil` outside any request.
    @TaskLocal public static var current: ServiceContext?

    /// The value of `key`; assigning `nil` removes it.
    @inlinable
    public subscript<Key: ServiceContextKey>(_ key: Key.Type) -> Key.Value? {
        get {
            // The chain is immutable and held by this context, so the nodes need not be retained one by one, which
            // would take longer than everything else.
            let id = ObjectIdentifier(key)
            var next = newest.map(Unmanaged.passUnretained)
            return withExtendedLifetime(newest) {
                while let node = next {
                    if node._withUnsafeGuaranteedRef({ $0.key }) == id {
                        // Nodes for a key are only created here, with the value type of the key.
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

    /// Rebuilds the chain without the values of `key` and without values hidden by newer ones.
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

    /// Runs `operation` with `value` as the current context, including across its suspensions.
    @inlinable
    public static func withValue<T>(_ value: ServiceContext?, operation: () async throws -> T) async rethrows -> T {
        try await $current.withValue(value, operation: operation)
    }
}

extension ServiceContext {
    /// A value with its key. Unchecked only because the class is not final: everything stored in it and its subclass is
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
