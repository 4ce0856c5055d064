/// The owner of lines and spans. With multi-tenancy enabled, Loki and Tempo store each tenant's data separately and
/// return it only for requests that name the tenant. A workshop room is one tenant.
package struct Tenant: Sendable, Equatable, CustomStringConvertible {
    /// The environment variable with the default tenant.
    package static let variable = "TENANT"

    /// The requirements for a name, which both Loki and Tempo accept.
    package static let expectation = "1 to 150 letters, digits or any of !-_.*'(), and neither . nor .."

    package let name: String

    /// Returns `nil` for a name that Loki and Tempo would refuse.
    package init?(_ name: String) {
        guard (1...150).contains(name.utf8.count), name != ".", name != "..",
            name.utf8.allSatisfy({ Self.isLetterOrDigit($0) || Self.marks.contains($0) })
        else { return nil }
        self.name = name
    }

    package var description: String { name }

    private static let marks = Set("!-_.*'()".utf8)

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
