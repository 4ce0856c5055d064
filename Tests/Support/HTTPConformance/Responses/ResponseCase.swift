/// Bytes that a server answers, and what a client makes of them (RFC 9112, RFC 9110).
package struct ResponseCase: Sendable, CustomStringConvertible {
    /// What the caller gets.
    package enum Result: Sendable, Equatable {
        case response(Int, body: String)
        case error
    }

    /// What is left of the connection.
    package enum End: Sendable, Equatable {
        /// The next request is sent on it.
        case reused
        /// The client ends it. Whatever stands behind the response is never taken for the next one's.
        case closed
    }

    package var name: String
    /// The section of RFC 9112, or of RFC 9110 if it begins with "9110:".
    package var section: String
    package var bytes: [UInt8]
    package var result: Result
    package var end: End
    /// Whether the request was HEAD instead of GET.
    package var answersHead = false
    /// Whether the server ends the connection behind the bytes.
    package var endsSending = false

    package var description: String { "\(section) \(name)" }
}

extension ResponseCase {
    /// A response whereupon the connection stays.
    static func reused(
        _ section: String, _ name: String, _ text: String, _ status: Int, _ body: String = "", head: Bool = false
    ) -> ResponseCase {
        ResponseCase(
            name: name, section: section, bytes: latin1Bytes(text), result: .response(status, body: body), end: .reused,
            answersHead: head)
    }

    /// A response whereupon the client closes.
    static func closed(
        _ section: String, _ name: String, _ text: String, _ status: Int, _ body: String = "", head: Bool = false,
        ends: Bool = false
    ) -> ResponseCase {
        ResponseCase(
            name: name, section: section, bytes: latin1Bytes(text), result: .response(status, body: body), end: .closed,
            answersHead: head, endsSending: ends)
    }

    /// What is no response.
    static func wrong(
        _ section: String, _ name: String, _ text: String, head: Bool = false, ends: Bool = false
    ) -> ResponseCase {
        ResponseCase(
            name: name, section: section, bytes: latin1Bytes(text), result: .error, end: .closed, answersHead: head,
            endsSending: ends)
    }

    /// A response 200 with these fields and body.
    static func ok(_ lines: String..., body: String = "") -> String { message(["HTTP/1.1 200 OK"] + lines, body) }

    static func chunked(_ body: String) -> String { ok("Transfer-Encoding: chunked", body: body) }

    /// The whole table.
    package static let all: [ResponseCase] = heads + bodies + chunks + sequences
}
