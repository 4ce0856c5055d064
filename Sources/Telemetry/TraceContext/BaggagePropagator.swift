import Encoding
import Tracing
import Vocabulary

/// W3C Baggage: the header field `baggage`.
public struct BaggagePropagator: Propagator {
    /// Creates the propagator.
    public init() {}

    /// `baggage`.
    public var fields: [String] { [Header.baggage] }

    /// Extracts a peer's baggage, which replaces the one in `context`. A field without a valid member changes nothing.
    public func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard let field = extractor.extract(key: Header.baggage, from: carrier) else { return }
        let baggage = Baggage(headerValue: field)
        if !baggage.isEmpty { context.baggage = baggage }
    }

    /// Writes the baggage, if there is any.
    public func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let baggage = context.baggage else { return }
        let value = baggage.headerValue
        if !value.isEmpty { injector.inject(value, forKey: Header.baggage, into: &carrier) }
    }
}

extension Baggage {
    /// The maximum number of members read and sent.
    private static let maximumMembers = 64
    /// The maximum number of bytes read and sent.
    private static let maximumBytes = 8192

    /// Parses a `baggage` header value; multiple values are joined with commas. Malformed members are dropped and the
    /// others kept. For duplicate keys, the last member wins. Members after the 64th or beyond 8,192 bytes are dropped.
    public init(headerValue: String) {
        var byteCount = 0
        for part in headerValue.split(separator: ",") {
            byteCount += part.utf8.count + 1
            // The last member is not followed by a comma.
            guard byteCount - 1 <= Self.maximumBytes, entries.count < Self.maximumMembers else { break }
            if let entry = Self.entry(part) { set(entry) }
        }
    }

    /// The value of a `baggage` header. Members beyond 64 or 8,192 bytes are dropped whole, from the end.
    public var headerValue: String {
        var result = ""
        for entry in entries.prefix(Self.maximumMembers) {
            var member = entry.key + "=" + Self.encode(entry.value)
            // A property's key is unchecked until here; one that is not a token could inject other members.
            for property in entry.properties where Token.isValid(property.key) {
                member += ";" + property.key
                if let value = property.value { member += "=" + Self.encode(value) }
            }
            if result.utf8.count + member.utf8.count + (result.isEmpty ? 0 : 1) > Self.maximumBytes { break }
            if !result.isEmpty { result += "," }
            result += member
        }
        return result
    }

    private static func entry(_ member: Substring) -> Entry? {
        let parts = member.split(separator: ";", omittingEmptySubsequences: false)
        guard let first = parts.first, let (key, value) = pair(first), let value else { return nil }
        var properties: [Property] = []
        for part in parts.dropFirst() {
            guard let (key, value) = pair(part) else { return nil }
            properties.append(Property(key: key, value: value))
        }
        return Entry(key: key, value: value, properties: properties)
    }

    /// Parses a token, optionally followed by an equals sign and a value of baggage octets.
    private static func pair(_ text: Substring) -> (key: String, value: String?)? {
        let equals = text.utf8.firstIndex(of: UInt8(ascii: "="))
        let key = text[..<(equals ?? text.endIndex)].trimmingOptionalWhitespace()
        guard Token.isValid(key) else { return nil }
        guard let equals else { return (String(key), nil) }
        let value = text[text.utf8.index(after: equals)...].trimmingOptionalWhitespace()
        guard value.utf8.allSatisfy(isBaggageOctet) else { return nil }
        return (String(key), PercentEncoding.decode(value.utf8, plusIsSpace: false))
    }

    private static func encode(_ value: String) -> String { PercentEncoding.encode(value, where: isBaggageOctet) }

    /// Printable ASCII except space, quotation mark, comma, semicolon and backslash.
    private static func isBaggageOctet(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x21, 0x23...0x2B, 0x2D...0x3A, 0x3C...0x5B, 0x5D...0x7E: true
        default: false
        }
    }
}
