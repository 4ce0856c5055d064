/// The type name of an error in telemetry.
package enum ErrorTypeName {
    /// The full name, such as `PaymentsService.LedgerError`. The name of a private type contains the address of its
    /// context, which differs between builds and is removed.
    package static func of(_ error: any Error) -> String {
        let name = String(reflecting: type(of: error))
        guard name.contains("(unknown context at ") else { return name }
        return name.split(separator: ".").filter { !$0.hasPrefix("(unknown context at ") }.joined(separator: ".")
    }
}
