import FaultRules
import HTTP

extension FaultDefinition {
    /// Damages the response in a way that only its reader notices.
    static let corrupt = FaultDefinition(
        "corrupt", .wire,
        summary: "damages the answer's JSON",
        .response { fault, response in
            guard !response.body.isEmpty else { return }
            fault.inject()
            // Breaks the closing bracket of the object or array and keeps the length.
            response.body[response.body.count - 1] = UInt8(ascii: ",")
        })
}

extension FaultKind { package static let corrupt = FaultDefinition.corrupt.kind }
