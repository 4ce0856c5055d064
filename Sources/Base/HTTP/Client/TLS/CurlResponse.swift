import Vocabulary

/// A response as libcurl delivers it: line by line, then piece by piece.
struct CurlResponse {
    private(set) var response = HTTPClient.Response(status: HTTPStatus(code: 0))
    private(set) var isTooLarge = false
    /// The protocol received instead of an HTTP/1 status line.
    private(set) var foreign: ForeignAnswer?
    let maximumBodySize: Int

    init(maximumBodySize: Int) { self.maximumBodySize = maximumBodySize }

    /// Receives the status line or a field.
    mutating func receive(line: UnsafeRawBufferPointer) {
        var end = line.count
        while end > 0, line[end - 1] <= 0x20 { end -= 1 }
        guard end > 0 else { return }
        if line.starts(with: "HTTP/".utf8) {
            // A second head follows an interim response (100 Continue), which is discarded.
            response.headers = [:]
            response.status = HTTPStatus(code: Self.code(UnsafeRawBufferPointer(rebasing: line[..<end])))
            return
        }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return }
        var start = colon + 1
        while start < end, line[start] == 0x20 || line[start] == 0x09 { start += 1 }
        response.headers.append(
            String(decoding: line[..<colon], as: UTF8.self),
            String(decoding: line[start..<max(start, end)], as: UTF8.self))
    }

    /// The code in a status line. Reads three digits at most: more would not fit a status.
    private static func code(_ line: UnsafeRawBufferPointer) -> Int {
        guard let space = line.firstIndex(of: 0x20) else { return 0 }
        let digits = line[(space + 1)...].prefix(3).prefix { 0x30...0x39 ~= $0 }
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    /// Receives a piece of the body.
    /// - Returns: `false` if it is refused.
    mutating func receive(body piece: UnsafeRawBufferPointer) -> Bool {
        guard response.status.code > 0 else {
            foreign = ForeignAnswer(piece)
            return false
        }
        guard response.body.count + piece.count <= maximumBodySize else {
            isTooLarge = true
            return false
        }
        if response.body.isEmpty, let length = response.headers[Header.contentLength].flatMap({ Int($0) }) {
            response.body.reserveCapacity(min(max(length, 0), maximumBodySize))
        }
        response.body += piece
        return true
    }
}
