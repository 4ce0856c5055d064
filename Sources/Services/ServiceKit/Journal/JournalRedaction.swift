import HTTP
import TraceContext

/// What the journal must not keep: values whose names sound like secrets.
enum JournalRedaction {
    static func isSecret(_ name: some StringProtocol) -> Bool { URLRedaction.isSecret(name) }

    /// `query` with the values of secrets taken out, and their names.
    static func query(_ query: String) -> (text: String, redacted: [String]) {
        let (text, names) = URLRedaction.query(query)
        return (text, names.map { "query " + $0 })
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
