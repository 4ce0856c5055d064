import HTTPConformance

/// What RFC 9112 lets a message be, written down a second time, and plainly: whatever the parser accepts must be this.
enum Reference {
    /// Checks an accepted message: its head, and that its body is what the head announces.
    /// - Parameters:
    ///   - raw: the head's bytes, then the body's as they came.
    ///   - body: what the parser made of them.
    static func check(
        _ head: ParserTrace.Head, _ raw: ArraySlice<UInt8>, body: [UInt8], _ kind: ParserTrace.Kind
    ) throws {
        var raw = raw
        if case .requests = kind { while raw.starts(with: [13, 10]) { raw = raw.dropFirst(2) } }
        let fields = try self.fields(&raw, kind)
        let lengths = fields.filter { $0.name == "content-length" }.map(\.value)
        let codings = fields.filter { $0.name == "transfer-encoding" }.map(\.value)
        guard lengths.count + codings.count <= 1 else { throw Trouble("two announcements of a length") }
        var hasBody = true
        if case .responses(let toHead) = kind {
            hasBody = !toHead && head.status >= 200 && head.status != 204 && head.status != 304
        }
        if let length = lengths.first {
            guard !length.isEmpty, length.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }), let count = UInt64(length) else {
                throw Trouble("the length '\(length)'")
            }
            guard !hasBody || count == UInt64(body.count) else {
                throw Trouble("\(body.count) bytes instead of \(count)")
            }
        }
        if let coding = codings.first {
            guard coding.lowercased() == "chunked", head.minorVersion == 1 else {
                throw Trouble("the coding '\(coding)'")
            }
            if hasBody {
                guard try chunks(&raw) == body else { throw Trouble("another body than the chunks'") }
            }
        } else if hasBody {
            if case .requests = kind, lengths.isEmpty, !body.isEmpty { throw Trouble("a body that nothing announces") }
            guard raw.starts(with: body) else { throw Trouble("another body than the bytes'") }
            raw = raw.dropFirst(body.count)
        }
        if !hasBody, !body.isEmpty { throw Trouble("a body where there is none") }
        guard raw.isEmpty else { throw Trouble("\(raw.count) bytes of the message stand for nothing") }
    }

    private static func line(_ raw: inout ArraySlice<UInt8>) throws -> [UInt8] {
        guard let end = raw.firstIndex(of: 10), end > raw.startIndex, raw[end - 1] == 13 else {
            throw Trouble("a line without its end")
        }
        let line = Array(raw[..<(end - 1)])
        guard !line.contains(13) else { throw Trouble("a bare CR") }
        raw = raw[(end + 1)...]
        return line
    }

    private static func fields(
        _ raw: inout ArraySlice<UInt8>, _ kind: ParserTrace.Kind
    ) throws -> [(name: String, value: String)] {
        let first = latin1(try line(&raw))
        switch kind {
        case .requests:
            let parts = first.split(separator: " ", omittingEmptySubsequences: false)
            guard parts.count == 3, isToken(parts[0]), ["HTTP/1.1", "HTTP/1.0"].contains(parts[2]), !parts[1].isEmpty,
                parts[1].unicodeScalars.allSatisfy({ $0.value > 32 && $0.value < 127 && $0 != "#" })
            else { throw Trouble("the request line '\(first)'") }
        case .responses:
            let parts = first.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count >= 2, ["HTTP/1.1", "HTTP/1.0"].contains(parts[0]), parts[1].utf8.count == 3,
                let status = Int(parts[1]), (100...599).contains(status)
            else { throw Trouble("the status line '\(first)'") }
        }
        var fields: [(name: String, value: String)] = []
        while true {
            let text = latin1(try line(&raw))
            if text.isEmpty { break }
            fields.append(try field(text))
        }
        if case .requests = kind {
            let hosts = fields.count { $0.name == "host" }
            guard hosts == 1 || hosts == 0 && first.hasSuffix("1.0") else { throw Trouble("\(hosts) Hosts") }
        }
        return fields
    }

    private static func field(_ text: String) throws -> (name: String, value: String) {
        guard let colon = text.firstIndex(of: ":"), isToken(text[..<colon]),
            text[colon...].unicodeScalars.allSatisfy({ $0 == "\t" || $0.value >= 32 && $0.value != 127 })
        else { throw Trouble("the field '\(text)'") }
        let value = text[text.index(after: colon)...]
        let start = value.drop { $0 == " " || $0 == "\t" }
        let end = start.lastIndex { $0 != " " && $0 != "\t" }
        return (text[..<colon].lowercased(), end.map { String(start[...$0]) } ?? "")
    }

    private static func isToken(_ text: Substring) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                    || "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
    }

    /// The bodies of all chunks up to the last one and the trailers.
    private static func chunks(_ raw: inout ArraySlice<UInt8>) throws -> [UInt8] {
        var body: [UInt8] = []
        while true {
            let text = latin1(try line(&raw))
            let digits = text.prefix { $0 != ";" }
            guard !digits.isEmpty, digits.utf8.allSatisfy({ isHex($0) }), let size = UInt64(digits, radix: 16) else {
                throw Trouble("the size '\(text)'")
            }
            if size == 0 { break }
            guard size <= UInt64(raw.count), raw.count >= Int(size) + 2 else {
                throw Trouble("a chunk that is not there")
            }
            body += raw.prefix(Int(size))
            raw = raw.dropFirst(Int(size))
            guard raw.starts(with: [13, 10]) else { throw Trouble("a chunk without its end") }
            raw = raw.dropFirst(2)
        }
        while true {
            let text = latin1(try line(&raw))
            if text.isEmpty { return body }
            _ = try field(text)
        }
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (97...102).contains(byte | 0x20)
    }
}
