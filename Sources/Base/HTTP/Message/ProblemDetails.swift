import Encoding

/// What a service said went wrong (RFC 9457), as far as it can be read.
package struct ProblemDetails: Sendable, Equatable {
    /// The short name, without the project's prefix; `nil` for `about:blank` and for what is no problem document.
    package var type: String?
    package var detail: String?

    package init(_ body: [UInt8]) {
        // An answer that is no problem document says nothing: there is only its status to go by.
        let json = try? JSONValue(parsing: body)
        let prefix = "urn:tailspan:problem:"
        type = json?["type"]?.string.flatMap { $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : nil }
        detail = json?["detail"]?.string
    }
}
