import Encoding

/// Takes credentials out of what is recorded or shown (OpenTelemetry semantic conventions, `url.full` and `url.query`):
/// names and passwords before a host, and the values of query parameters that sign or open something.
package enum URLRedaction {
    /// What stands in the place of a secret.
    package static let mark = "REDACTED"

    /// Names of query parameters in lower case: those of the conventions and of the same kind, which a part would not find.
    private static let names: Set<String> = ["awsaccesskeyid", "googleaccessid", "sig", "pwd", "key", "code", "jwt"]

    /// Parts of names that sound like a secret, in lower case.
    private static let parts = [
        "token", "secret", "passw", "auth", "credential", "cookie", "session", "apikey", "api-key", "api_key",
        "signature",
    ]

    /// Whether a parameter, header or entry of that name is a secret.
    package static func isSecret(_ name: some StringProtocol) -> Bool {
        let name = name.lowercased()
        return names.contains(name) || parts.contains { name.contains($0) }
    }

    /// A query, without its `?`, with the values of secrets taken out, and their names as they were written.
    package static func query(_ query: String) -> (text: String, names: [String]) {
        var found: [String] = []
        let members = query.split(separator: "&", omittingEmptySubsequences: false).map { member -> String in
            let name = member.prefix { $0 != "=" }
            // A name may be written in escapes, so that it cannot be recognised as it is.
            guard name.count < member.count, isSecret(PercentEncoding.decode(name.utf8)) else { return String(member) }
            found.append(String(name))
            return name + "=" + mark
        }
        return (found.isEmpty ? query : members.joined(separator: "&"), found)
    }

    /// A URL: `http://me:secret@host/a?sig=x` becomes `http://REDACTED:REDACTED@host/a?sig=REDACTED`.
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

    /// A text that was meant to be a URL and is none, for a message: everything up to the last `@` may be a password.
    package static func refused(_ text: String) -> String {
        guard let at = text.lastIndex(of: "@") else { return url(text) }
        return (scheme(of: text) ?? "") + mark + "@" + url(String(text[text.index(after: at)...]))
    }

    /// `https://`, if it begins with one.
    private static func scheme(of url: String) -> Substring? {
        guard let separator = url.firstRange(of: "://"),
            !url[..<separator.lowerBound].contains(where: { "/?#@:".contains($0) })
        else { return nil }
        return url[..<separator.upperBound]
    }
}
