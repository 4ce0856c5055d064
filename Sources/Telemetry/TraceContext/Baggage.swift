import Tracing

/// Names and values chosen by the application that travel with a request next to its trace (W3C Baggage, OpenTelemetry
/// Baggage API). They are sent to every service downstream, so never put a secret in them.
public struct Baggage: Sendable, Hashable {
    /// Additional metadata of an entry, which is not interpreted here.
    public struct Property: Sendable, Hashable {
        /// The name, an HTTP token.
        public var key: String
        /// The value; `nil` if there is only a name.
        public var value: String?

        /// Creates a property.
        public init(key: String, value: String? = nil) {
            self.key = key
            self.value = value
        }
    }

    /// A name with its value.
    public struct Entry: Sendable, Hashable {
        /// The name, an HTTP token; case-sensitive.
        public let key: String
        /// The value, any string; percent-encoded on the wire.
        public var value: String
        /// The properties, in order.
        public var properties: [Property]

        /// Creates an entry.
        public init(key: String, value: String, properties: [Property] = []) {
            self.key = key
            self.value = value
            self.properties = properties
        }
    }

    /// The entries, in order. Keys are unique.
    public private(set) var entries: [Entry] = []

    /// Creates an empty baggage.
    public init() {}

    /// Whether there are no entries.
    public var isEmpty: Bool { entries.isEmpty }

    /// The value of `key`. Assigning keeps the properties; `nil` removes the entry. A key that is not an HTTP token is
    /// ignored, because it could not be sent.
    public subscript(_ key: String) -> String? {
        get { entries.first { $0.key == key }?.value }
        set {
            guard let newValue else { return entries.removeAll { $0.key == key } }
            if let index = entries.firstIndex(where: { $0.key == key }) {
                entries[index].value = newValue
            } else {
                set(Entry(key: key, value: newValue))
            }
        }
    }

    /// Adds an entry, replacing any entry with the same key. An entry whose key is not an HTTP token is ignored.
    public mutating func set(_ entry: Entry) {
        guard Token.isValid(entry.key) else { return }
        if let index = entries.firstIndex(where: { $0.key == entry.key }) {
            entries[index] = entry
        } else {
            entries.append(entry)
        }
    }
}

extension ServiceContext {
    private enum BaggageKey: ServiceContextKey { typealias Value = Baggage }

    /// The request's baggage.
    public var baggage: Baggage? {
        get { self[BaggageKey.self] }
        set { self[BaggageKey.self] = newValue }
    }
}
