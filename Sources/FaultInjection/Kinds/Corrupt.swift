import HTTP

extension FaultDefinition {
    /// Damages the answer where nothing but its reader notices.
    static let corrupt = FaultDefinition(
        "corrupt", .wire,
        summary: "damages the answer's JSON",
        .response { fault, response in
            guard !response.body.isEmpty else { return }
            fault.inject()
            // An object or array without its end, and of the same length.
            response.body[response.body.count - 1] = UInt8(ascii: ",")
        })
}

extension FaultKind { package static let corrupt = FaultDefinition.corrupt.kind }
