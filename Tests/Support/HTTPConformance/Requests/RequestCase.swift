/// Bytes that a client sends, and what a server makes of them (RFC 9112, RFC 9110).
package struct RequestCase: Sendable, CustomStringConvertible {
    /// What a server sends in turn.
    package enum Answer: Sendable, Equatable {
        /// An answer of the handler, which saw this: "METHOD target host|body". See ``seen(method:target:host:body:)``.
        case handled(String)
        /// A final answer of the server itself.
        case refused(Int)
        /// "100 Continue".
        case interim
    }

    /// What is left of the connection.
    package enum End: Sendable, Equatable {
        /// Another request is answered.
        case keeps
        /// The server ends it. Whatever stands behind the request is never answered.
        case closes
    }

    package var name: String
    /// The section of RFC 9112, or of RFC 9110 if it begins with "9110:".
    package var section: String
    package var bytes: [UInt8]
    package var answers: [Answer]
    package var end: End
    /// Whether the client ends its side behind the bytes.
    package var endsSending = false

    package var description: String { "\(section) \(name)" }

    /// What a handler says of a request, so that a test can tell what it saw.
    package static func seen(method: String, target: String, host: String?, body: [UInt8]) -> String {
        "\(method) \(target) \(host ?? "-")|\(body.count > 64 ? "\(body.count) bytes" : latin1(body))"
    }

    /// Whether the answer at `index` answers a HEAD request, and so has no body.
    package func answersHead(_ index: Int) -> Bool {
        if case .handled(let seen) = answers[index] { return seen.hasPrefix("HEAD ") }
        return false
    }
}

/// The bytes of a text whose characters stand for one byte each.
package func latin1Bytes(_ text: String) -> [UInt8] { text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } }

/// The reverse of ``latin1Bytes(_:)``.
package func latin1(_ bytes: some Sequence<UInt8>) -> String {
    var text = String.UnicodeScalarView()
    for byte in bytes { text.append(Unicode.Scalar(byte)) }
    return String(text)
}

/// A head of these lines, then `body`.
package func message(_ lines: [String], _ body: String = "") -> String {
    lines.map { $0 + "\r\n" }.joined() + "\r\n" + body
}

extension RequestCase {
    /// A request that is answered, whereupon the connection stays.
    static func kept(
        _ section: String, _ name: String, _ text: String, _ seen: String...
    ) -> RequestCase {
        RequestCase(
            name: name, section: section, bytes: latin1Bytes(text), answers: seen.map { .handled($0) }, end: .keeps)
    }

    /// A request that is answered, whereupon the connection ends.
    static func last(
        _ section: String, _ name: String, _ text: String, _ seen: String...
    ) -> RequestCase {
        RequestCase(
            name: name, section: section, bytes: latin1Bytes(text), answers: seen.map { .handled($0) }, end: .closes)
    }

    /// A request that the server refuses, whereupon the connection ends.
    static func refused(_ section: String, _ name: String, _ status: Int, _ text: String) -> RequestCase {
        RequestCase(name: name, section: section, bytes: latin1Bytes(text), answers: [.refused(status)], end: .closes)
    }

    /// A GET request for `/` with these lines behind its first.
    static func get(_ lines: String...) -> String { message(["GET / HTTP/1.1"] + lines) }

    /// A POST request to `/` with a Host field and these lines, then `body`.
    static func post(_ lines: String..., body: String = "") -> String {
        message(["POST / HTTP/1.1", "Host: x"] + lines, body)
    }

    /// A POST request with a body in chunks.
    static func chunked(_ body: String) -> String { post("Transfer-Encoding: chunked", body: body) }
}
