/// The type of an error as telemetry names it.
package enum ErrorTypeName {
    /// The full name, such as `PaymentsService.LedgerError`. Private types carry the address of their context in their
    /// name, which differs from build to build; it is left out.
    package static func of(_ error: any Error) -> String {
        let name = String(reflecting: type(of: error))
        guard name.contains("(unknown context at ") else { return name }
        return name.split(separator: ".").filter { !$0.hasPrefix("(unknown context at ") }.joined(separator: ".")
    }
}
