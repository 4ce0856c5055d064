/// Properties of a host name that need no lookup.
package enum HostAddress {
    /// Whether the name is `localhost`, a name below it, in 127.0.0.0/8, or ::1. `name` is in lower case; IPv6 with or
    /// without brackets.
    package static func isLoopback(_ name: String) -> Bool {
        if name == "localhost" || name.hasSuffix(".localhost") || name == "::1" || name == "[::1]" { return true }
        return isAddress(name) && name.hasPrefix("127.")
    }

    /// Whether the name is an address: four IPv4 numbers, or IPv6 in brackets.
    package static func isAddress(_ name: String) -> Bool {
        if name.first == "[" { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }
}
