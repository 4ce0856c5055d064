import Encoding

/// A service's problem report (RFC 9457), or as much of it as can be parsed.
package struct ProblemDetails: Sendable, Equatable {
    /// The short name, without the project's prefix; `nil` for `about:blank` and for anything that is not a problem
    /// document.
    package var type: String?
    package var detail: String?

    package init(_ body: [UInt8]) {
        // If the body is not a problem document, only the status of the response counts.
        let json = try? JSONValue(parsing: body)
        let prefix = "urn:tailspan:problem:"
        type = json?["type"]?.string.flatMap { $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : nil }
        detail = json?["detail"]?.string
    }
}
