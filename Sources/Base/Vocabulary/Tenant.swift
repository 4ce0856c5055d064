/// Whose lines and spans they are: where Loki and Tempo are told to, they keep those of each tenant apart and show them
/// only to who names it. A room of a workshop is one.
package struct Tenant: Sendable, Equatable, CustomStringConvertible {
    /// Says which one is meant where nothing else does.
    package static let variable = "TENANT"

    /// What a name must be: what both Loki and Tempo take.
    package static let expectation = "1 to 150 letters, digits or any of !-_.*'(), and neither . nor .."

    package let name: String

    /// `nil` for what Loki and Tempo would refuse.
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
