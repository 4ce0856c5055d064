import CLLHTTP
import Glibc

/// Parses the messages of one direction of a connection with llhttp, strictly (RFC 9112): what llhttp lets pass is
/// refused here. Not thread-safe.
final class HTTPParser {
    enum Event {
        /// All bytes were taken.
        case more
        /// The head is complete; ``target``, ``fields`` and the like are its parts.
        case head
        /// A piece of the body, valid until the next call.
        case body(UnsafeRawBufferPointer)
        /// The message is complete. What is left of the input belongs to the next one, after ``reset(answersHead:)``.
        case complete
        /// Nothing that follows can be understood.
        case malformed(Malformation)
    }

    /// Why a message cannot be understood.
    struct Malformation: Error, Equatable {
        /// The status that a server answers.
        var status: HTTPStatus
        var reason: String

        init(_ reason: String) { self.init(.badRequest, reason) }

        init(_ status: HTTPStatus, _ reason: String) {
            self.status = status
            self.reason = reason
        }
    }

    enum Kind {
        case requests, responses
    }

    let kind: Kind
    let maximumHeadSize: Int
    let parser: OpaquePointer
    /// The part of a head that has arrived, as long as it is not complete.
    private var partialHead: [UInt8] = []
    /// How far ``partialHead`` consists of whole lines.
    private var looked = 0
    private(set) var isInHead = true
    private var failure: Malformation?

    // Parts of the head.
    private(set) var method = ""
    var target = ""
    private(set) var minorVersion = 1
    private(set) var status = 0
    var fields = HTTPFields()
    /// Whether another message may follow.
    private(set) var keepsAlive = true
    /// The announced length of the body; `nil` if there is none.
    private(set) var contentLength: Int?
    var isChunked: Bool { tailspan_http_is_chunked(parser) != 0 }
    /// Whether the client waits for permission to send the body (RFC 9110, section 10.1.1).
    var expectsContinue = false

    /// - Parameter maximumHeadSize: in bytes; a larger head is refused.
    init(_ kind: Kind, maximumHeadSize: Int) {
        self.kind = kind
        self.maximumHeadSize = maximumHeadSize
        guard let parser = tailspan_http_new(kind == .responses ? 1 : 0) else { fatalError("out of memory") }
        self.parser = parser
        tailspan_http_reset(parser, 0)
    }

    deinit { tailspan_http_free(parser) }

    /// Whether a part of a message has arrived.
    var hasBegun: Bool { !isInHead || !partialHead.isEmpty }
    /// Whether at least the first line has arrived.
    var hasFirstLine: Bool { !isInHead || looked > 0 }

    /// Begins the next message.
    /// - Parameter answersHead: whether the response answers a HEAD request, and so has no body.
    func reset(answersHead: Bool = false) {
        tailspan_http_reset(parser, answersHead ? 1 : 0)
        partialHead.removeAll(keepingCapacity: partialHead.capacity <= 4096)
        looked = 0
        isInHead = true
        failure = nil
        method = ""
        expectsContinue = false
    }

    /// Parses until the next event and removes from `input` what it has used.
    func next(_ input: inout UnsafeRawBufferPointer) -> Event {
        if let failure { return .malformed(failure) }
        return isInHead ? head(&input) : body(&input)
    }

    /// The connection has ended.
    /// - Returns: ``Event/complete`` if that ends a response without a length, ``Event/more`` if no message had begun.
    func finish() -> Event {
        if let failure { return .malformed(failure) }
        guard !isInHead else { return hasBegun ? fail("the connection ended within a head") : .more }
        switch tailspan_http_finish(parser) {
        case TAILSPAN_HTTP_COMPLETE: return .complete
        case TAILSPAN_HTTP_MORE: return .more
        default: return fail("the connection ended within a body")
        }
    }

    // MARK: Heads

    private func head(_ input: inout UnsafeRawBufferPointer) -> Event {
        if partialHead.isEmpty {
            if kind == .requests { skipEmptyLines(&input) }
            guard !input.isEmpty else { return .more }
            let length = lengthOfHead(input)
            if let failure { return .malformed(failure) }
            if length == 0 {
                partialHead.append(contentsOf: input)
                input = UnsafeRawBufferPointer(rebasing: input[input.count...])
                return partialHead.count > maximumHeadSize ? partialHead.withUnsafeBytes { tooLarge($0) } : .more
            }
            let bytes = UnsafeRawBufferPointer(rebasing: input[..<length])
            input = UnsafeRawBufferPointer(rebasing: input[length...])
            return parseHead(bytes)
        }
        // Not more than fits, whatever is waiting.
        let room = maximumHeadSize + 1 - partialHead.count
        let before = partialHead.count
        partialHead.append(contentsOf: UnsafeRawBufferPointer(rebasing: input.prefix(room)))
        let length = partialHead.withUnsafeBytes { lengthOfHead($0) }
        if let failure { return .malformed(failure) }
        guard length > 0 else {
            input = UnsafeRawBufferPointer(rebasing: input.dropFirst(room))
            return partialHead.count > maximumHeadSize ? partialHead.withUnsafeBytes { tooLarge($0) } : .more
        }
        input = UnsafeRawBufferPointer(rebasing: input[(length - before)...])
        if length == 2, kind == .requests {
            // An empty line came in two pieces.
            reset()
            return head(&input)
        }
        let bytes = partialHead
        return bytes.withUnsafeBytes { parseHead(UnsafeRawBufferPointer(rebasing: $0[..<length])) }
    }

    /// Empty lines before a request are ignored (RFC 9112, section 2.2): old clients send one after a body.
    private func skipEmptyLines(_ input: inout UnsafeRawBufferPointer) {
        while input.count >= 2, input[0] == 13, input[1] == 10 {
            input = UnsafeRawBufferPointer(rebasing: input[2...])
        }
    }

    /// - Returns: 0 if the head is incomplete, or if it is malformed, in which case ``failure`` is set.
    private func lengthOfHead(_ bytes: UnsafeRawBufferPointer) -> Int {
        var reason: UnsafePointer<CChar>?
        let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
        // What is too large is refused as such, whatever it is: that must not depend on how much has come.
        let count = min(bytes.count, maximumHeadSize)
        let length = tailspan_http_head_length(start, count, &looked, &reason)
        if let reason { _ = fail(String(cString: reason)) }
        return length
    }

    private func tooLarge(_ head: UnsafeRawBufferPointer) -> Event {
        guard kind == .requests else { return fail("the head is larger than \(maximumHeadSize) bytes") }
        return head.prefix(maximumHeadSize).contains(10)
            ? fail("the head is larger than \(maximumHeadSize) bytes", .requestHeaderFieldsTooLarge)
            : fail("the first line is longer than \(maximumHeadSize) bytes", .uriTooLong)
    }

    private func parseHead(_ bytes: UnsafeRawBufferPointer) -> Event {
        var taken = 0
        let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
        let event = tailspan_http_next(parser, start, bytes.count, &taken)
        guard event == TAILSPAN_HTTP_HEAD else { return refusal(of: bytes) }
        guard taken == bytes.count else { return fail("the head does not end where it should") }
        isInHead = false
        minorVersion = Int(tailspan_http_minor(parser))
        keepsAlive = tailspan_http_keeps_alive(parser) != 0
        contentLength =
            tailspan_http_has_content_length(parser) != 0
            ? Int(clamping: tailspan_http_content_length(parser)) : nil
        let fields = RawHead(
            bytes,
            UnsafeBufferPointer(
                start: tailspan_http_fields(parser), count: Int(tailspan_http_field_count(parser))))
        do {
            try kind == .requests ? checkRequest(bytes, fields) : checkResponse(bytes, fields)
        } catch {
            failure = error
            return .malformed(error)
        }
        return .head
    }

    /// What was wrong with a head that llhttp did not accept.
    private func refusal(of bytes: UnsafeRawBufferPointer) -> Event {
        if tailspan_http_has_too_many_fields(parser) != 0 {
            return fail("the head has too many fields", kind == .requests ? .requestHeaderFieldsTooLarge : .badRequest)
        }
        let reason = String(cString: tailspan_http_reason(parser))
        guard kind == .requests, let version = version(ofRequest: bytes) else { return fail(reason) }
        if version != "1.1", version != "1.0" {
            return fail("the version of HTTP is not 1.1 or 1.0", .httpVersionNotSupported)
        }
        let method = bytes.prefix { $0 != 0x20 }
        guard reason.contains("method"), isToken(method), !method.elementsEqual(Self.knownMethod) else {
            return fail(reason)
        }
        return parseHead(bytes, withMethod: String(decoding: method, as: UTF8.self))
    }

    private static let knownMethod = Array("POST".utf8)

    /// llhttp has a fixed list of methods. What becomes of any other is for the router to say, as for all methods, so the
    /// head is parsed once more with a known one in its place.
    private func parseHead(_ bytes: UnsafeRawBufferPointer, withMethod method: String) -> Event {
        tailspan_http_reset(parser, 0)
        let head = Self.knownMethod + bytes.dropFirst(method.utf8.count)
        let event = head.withUnsafeBytes { parseHead($0) }
        if case .head = event { self.method = method }
        return event
    }

    /// The version at the end of the request line, such as `1.1`; `nil` if there is none.
    private func version(ofRequest head: UnsafeRawBufferPointer) -> String? {
        let line = head.prefix { $0 != 13 }
        let end = line.suffix(3)
        guard line.count > 9, line.suffix(9).starts(with: " HTTP/".utf8), let major = end.first, let minor = end.last,
            major &- 48 < 10, end[end.startIndex + 1] == UInt8(ascii: "."), minor &- 48 < 10
        else { return nil }
        return String(decoding: end, as: UTF8.self)
    }

    private func isToken(_ bytes: Slice<UnsafeRawBufferPointer>) -> Bool {
        let bytes = UnsafeRawBufferPointer(rebasing: bytes)
        guard let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self) else { return false }
        return bytes.count <= 64 && tailspan_http_is_token(start, bytes.count) != 0
    }

    func setRequest(method: String, target: String, fields: RawHead) {
        self.method = method
        self.target = target
        self.fields = HTTPFields(fields)
    }

    func setResponse(status: Int, fields: RawHead) {
        self.status = status
        self.fields = HTTPFields(fields)
    }

    // MARK: Bodies

    private func body(_ input: inout UnsafeRawBufferPointer) -> Event {
        var taken = 0
        let start = input.baseAddress?.assumingMemoryBound(to: CChar.self)
        let event =
            // llhttp wants an address even for no bytes.
            start.map { tailspan_http_next(parser, $0, input.count, &taken) }
            ?? withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1) {
                tailspan_http_next(parser, $0.baseAddress, 0, &taken)
            }
        input = UnsafeRawBufferPointer(rebasing: input[taken...])
        switch event {
        case TAILSPAN_HTTP_MORE: return .more
        case TAILSPAN_HTTP_BODY:
            var count = 0
            let piece = tailspan_http_piece(parser, &count)
            return .body(UnsafeRawBufferPointer(start: piece, count: count))
        case TAILSPAN_HTTP_COMPLETE: return .complete
        default: return fail(String(cString: tailspan_http_reason(parser)))
        }
    }

    private func fail(_ reason: String, _ status: HTTPStatus = .badRequest) -> Event {
        let failure = Malformation(status, reason)
        self.failure = failure
        return .malformed(failure)
    }
}
