import Encoding

/// Removes credentials from what is recorded or shown (OpenTelemetry semantic conventions, `url.full` and `url.query`):
/// user names and passwords before a host, and the values of query parameters that sign or unlock something.
package enum URLRedaction {
    /// The replacement for a secret.
    package static let mark = "REDACTED"

    /// Names of query parameters in lower case: those in the conventions and similar ones that ``parts`` would not
    /// match.
    private static let names: Set<String> = ["awsaccesskeyid", "googleaccessid", "sig", "pwd", "key", "code", "jwt"]

    /// Parts of names that suggest a secret, in lower case.
    private static let parts = [
        "token", "secret", "passw", "auth", "credential", "cookie", "session", "apikey", "api-key", "api_key",
        "signature",
    ]

    /// Whether a parameter, header or entry with that name holds a secret.
    package static func isSecret(_ name: some StringProtocol) -> Bool {
        let name = name.lowercased()
        return names.contains(name) || parts.contains { name.contains($0) }
    }

    /// Returns a query, without its `?`, with the values of secrets redacted, and the names of these parameters as
    /// written.
    package static func query(_ query: String) -> (text: String, names: [String]) {
        var found: [String] = []
        let members = query.split(separator: "&", omittingEmptySubsequences: false).map { member -> String in
            let name = member.prefix { $0 != "=" }
            // A name may be escaped, so it is decoded before it is compared.
            guard name.count < member.count, isSecret(PercentEncoding.decode(name.utf8)) else { return String(member) }
            found.append(String(name))
            return name + "=" + mark
        }
        return (found.isEmpty ? query : members.joined(separator: "&"), found)
    }

    /// Redacts a URL: `http://me:secret@host/a?sig=x` becomes `http://REDACTED:REDACTED@host/a?sig=REDACTED`.
    package static func url(_ url: String) -> String {
        guard url.utf8.contains(where: { $0 == UInt8(ascii: "@") || $0 == UInt8(ascii: "?") }) else { return url }
        var result = ""
        var rest = url[...]
        if let scheme = scheme(of: url) {
            result += scheme
            rest = rest[scheme.endIndex...]
        }
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        if let at = authority.lastIndex(of: "@") {
            result += mark + ":" + mark
            rest = rest[at...]
        }
        guard let question = rest.firstIndex(of: "?") else { return result + rest }
        let tail = rest[rest.index(after: question)...]
        let fragment = tail.firstIndex(of: "#") ?? tail.endIndex
        return result + rest[...question] + query(String(tail[..<fragment])).text + tail[fragment...]
    }

    /// Redacts a text that is not a valid URL, for a message. Everything up to the last `@` may be a password.
    package static func refused(_ text: String) -> String {
        guard let at = text.lastIndex(of: "@") else { return url(text) }
        return (scheme(of: text) ?? "") + mark + "@" + url(String(text[text.index(after: at)...]))
    }

    /// The scheme, such as `https://`, if the text starts with one.
    private static func scheme(of url: String) -> Substring? {
        guard let separator = url.firstRange(of: "://"),
            !url[..<separator.lowerBound].contains(where: { "/?#@:".contains($0) })
        else { return nil }
        return url[..<separator.upperBound]
    }
}
