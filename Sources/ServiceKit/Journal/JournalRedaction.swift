import HTTP
import OTel

/// What the journal must not keep: values whose names sound like secrets.
enum JournalRedaction {
    /// Parts of such names, in lower case.
    private static let secrets = [
        "token", "secret", "passw", "auth", "credential", "cookie", "session", "apikey", "api-key", "api_key",
        "signature",
    ]

    static func isSecret(_ name: some StringProtocol) -> Bool {
        let name = name.lowercased()
        return secrets.contains { name.contains($0) }
    }

    /// `query` with the values of secrets taken out, and their names.
    static func query(_ query: String) -> (text: String, redacted: [String]) {
        var redacted: [String] = []
        let parts = query.split(separator: "&", omittingEmptySubsequences: false).map { part -> String in
            let name = part.prefix { $0 != "=" }
            // A name may be written in escapes, so that it cannot be recognised as it is.
            guard isSecret(HTTP.PercentEncoding.decode(name.utf8)) else { return String(part) }
            redacted.append("query " + name)
            return name + "=REDACTED"
        }
        return (redacted.isEmpty ? query : parts.joined(separator: "&"), redacted)
    }

    /// `baggage` without secrets, and their names.
    static func baggage(_ baggage: Baggage) -> (baggage: Baggage, redacted: [String]) {
        var kept = baggage
        var redacted: [String] = []
        for entry in baggage.entries where isSecret(entry.key) {
            kept[entry.key] = nil
            redacted.append("baggage " + entry.key)
        }
        return (kept, redacted)
    }
}
