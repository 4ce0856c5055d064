import HTTP
import TraceContext

/// Redacts what the journal must not keep: values whose names suggest secrets.
enum JournalRedaction {
    static func isSecret(_ name: some StringProtocol) -> Bool { URLRedaction.isSecret(name) }

    /// Returns `query` with secret values redacted, and the names of the redacted parameters.
    static func query(_ query: String) -> (text: String, redacted: [String]) {
        let (text, names) = URLRedaction.query(query)
        return (text, names.map { "query " + $0 })
    }

    /// Returns `baggage` without secrets, and the names of the removed entries.
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
