import CLLHTTP
import Vocabulary

/// What RFC 9112 asks of a head and llhttp does not check.
extension HTTPParser {
    func checkRequest(_ head: UnsafeRawBufferPointer, _ fields: RawHead) throws(Malformation) {
        let (method, target) = (tailspan_http_method(parser), tailspan_http_target(parser))
        guard tailspan_http_major(parser) == 1 else {
            throw Malformation(.httpVersionNotSupported, "the version of HTTP is not 1.1 or 1.0")
        }
        // "METHOD target HTTP/1.x\r\n" with single spaces (section 3).
        let length = Int(method.length) + Int(target.length) + 12
        guard target.length > 0, method.start == 0, Int(target.start) == Int(method.length) + 1, head.count >= length,
            head[length - 2] == 13, head[length - 1] == 10,
            // llhttp also knows RTSP and ICE, whose methods and versions are partly the same.
            head[(length - 10)..<(length - 5)].elementsEqual("HTTP/".utf8)
        else { throw Malformation("the request line is malformed") }
        let bytes = UnsafeRawBufferPointer(rebasing: head[Int(target.start)..<Int(target.start + target.length)])
        guard bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }) else {
            throw Malformation("the request target has characters that a URL must escape")
        }
        let name = String(decoding: head[..<Int(method.length)], as: UTF8.self)
        setRequest(method: name, target: String(decoding: bytes, as: UTF8.self), fields: fields)
        try checkNames(fields)
        try checkHost(fields)
        try checkForm(isConnect: name == "CONNECT")
        try checkTransferEncoding(fields)
        if let expectation = self.fields[Header.expect] {
            guard expectation.lowercased() == "100-continue" else {
                throw Malformation(.expectationFailed, "the expectation is not 100-continue")
            }
            expectsContinue = minorVersion >= 1
        }
    }

    func checkResponse(_ head: UnsafeRawBufferPointer, _ fields: RawHead) throws(Malformation) {
        guard tailspan_http_major(parser) == 1 else { throw Malformation("the version of HTTP is not 1.1 or 1.0") }
        let status = Int(tailspan_http_status(parser))
        guard (100...599).contains(status), status != 101 else { throw Malformation("the status is \(status)") }
        // "HTTP/1.x 200", then a space or, as some servers send, the end of the line (section 4).
        guard head.count > 13, head[8] == 0x20, head[9...11].allSatisfy({ $0 &- 48 < 10 }),
            head[12] == 0x20 || head[12] == 13
        else { throw Malformation("the status line is malformed") }
        // llhttp takes control characters for a part of the reason.
        guard head.prefix(while: { $0 != 13 }).allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
            throw Malformation("the status line has control characters")
        }
        try checkNames(fields)
        setResponse(status: status, fields: fields)
        try checkTransferEncoding(fields)
    }

    /// llhttp takes a name of no length. What else is no token the parser has refused.
    private func checkNames(_ fields: RawHead) throws(Malformation) {
        for index in 0..<fields.count where fields.nameBytes(index).isEmpty {
            throw Malformation("a field has no name")
        }
    }

    /// Exactly one, and well-formed (section 3.2). HTTP/1.0 did without.
    private func checkHost(_ fields: RawHead) throws(Malformation) {
        var name = Header.host
        let found = name.withUTF8 { name -> (first: Int?, second: Int?) in
            guard let first = fields.index(of: name) else { return (nil, nil) }
            return (first, fields.index(of: name, from: first + 1))
        }
        guard let first = found.first else {
            guard minorVersion == 0 else { throw Malformation("the Host field is missing") }
            return
        }
        guard found.second == nil else { throw Malformation("there is more than one Host field") }
        guard HTTPAuthority.isHostField(fields.valueBytes(first)) else {
            throw Malformation("the Host field is malformed")
        }
    }

    /// The four forms of a target (section 3.2). An absolute URL's host counts, whatever the Host field says.
    private func checkForm(isConnect: Bool) throws(Malformation) {
        if isConnect { throw Malformation(.notImplemented, "this is not a proxy") }
        if target.utf8.first == UInt8(ascii: "/") { return }
        if target == "*", method == "OPTIONS" { return }
        for scheme in ["http://", "https://"] where target.lowercased().hasPrefix(scheme) {
            let rest = target.dropFirst(scheme.count)
            let authority = rest.prefix { $0 != "/" && $0 != "?" }
            var bytes = String(authority)
            guard !bytes.isEmpty, bytes.withUTF8({ HTTPAuthority.isHostField($0) }) else { break }
            let path = String(rest.dropFirst(authority.count))
            target = path.hasPrefix("/") ? path : "/" + path
            fields[Header.host] = String(authority)
            return
        }
        throw Malformation("the request target is neither a path nor a URL")
    }

    /// `chunked` is the only coding understood here (section 6.1). HTTP/1.0 had none. Unless it comes last, and once,
    /// nobody can tell where the body ends (section 6.3).
    private func checkTransferEncoding(_ fields: RawHead) throws(Malformation) {
        guard let coding = self.fields[Header.transferEncoding] else { return }
        guard minorVersion >= 1 else { throw Malformation("HTTP/1.0 has no transfer codings") }
        // llhttp must have read it as chunked, too: it does not trim all white space.
        if tailspan_http_is_chunked(parser) != 0, coding.lowercased() == "chunked" { return }
        let codings = coding.lowercased().split(separator: ",", omittingEmptySubsequences: false).map { coding in
            let start = coding.drop { $0 == " " || $0 == "\t" }
            return start.lastIndex { $0 != " " && $0 != "\t" }.map { start[...$0] } ?? ""
        }
        guard codings.last == "chunked", codings.count(where: { $0 == "chunked" }) == 1, codings.count > 1 else {
            throw Malformation("the transfer codings do not end with chunked")
        }
        throw Malformation(.notImplemented, "the only transfer coding known here is chunked")
    }
}
