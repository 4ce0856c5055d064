/// Reads answers from a server, strictly: one after the other, as announced, and nothing besides.
package struct Answers {
    package struct Answer: Sendable {
        package var status: Int
        package var fields: [(name: String, value: String)]
        package var body: [UInt8]
        package func value(_ name: String) -> String? { fields.first { $0.name == name }?.value }
    }

    private let line: Line
    private var buffer: [UInt8] = []

    package init(_ line: Line) { self.line = line }

    /// - Returns: `nil` if the connection ends where an answer would begin.
    package mutating func next(toHead: Bool = false) throws -> Answer? {
        let separator = Array("\r\n\r\n".utf8)
        var end = 0
        while true {
            if let found = Self.index(of: separator, in: buffer) {
                end = found
                break
            }
            let more = try line.receive()
            if more.isEmpty {
                guard buffer.isEmpty else { throw Trouble("the connection ended within a head: \(latin1(buffer))") }
                return nil
            }
            buffer += more
        }
        let lines = latin1(buffer[..<end]).split(separator: "\r\n", omittingEmptySubsequences: false)
        buffer.removeFirst(end + 4)
        let parts = lines[0].split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "HTTP/1.1", parts[1].utf8.count == 3, let status = Int(parts[1]) else {
            throw Trouble("no status line: \(lines[0])")
        }
        var fields: [(name: String, value: String)] = []
        for line in lines.dropFirst() {
            let parts = line.split(separator: ": ", maxSplits: 1)
            guard let name = parts.first, !line.hasPrefix("HTTP/") else { throw Trouble("no field: \(line)") }
            fields.append((name.lowercased(), parts.count > 1 ? String(parts[1]) : ""))
        }
        for name in ["content-length", "connection", "date"] where fields.count(where: { $0.name == name }) > 1 {
            throw Trouble("\(name) twice")
        }
        var answer = Answer(status: status, fields: fields, body: [])
        guard status >= 200, status != 204, status != 304, !toHead else { return answer }
        guard let length = answer.value("content-length").flatMap({ Int($0) }) else { throw Trouble("no length") }
        while buffer.count < length {
            let more = try line.receive()
            if more.isEmpty { throw Trouble("the connection ended within a body") }
            buffer += more
        }
        answer.body = Array(buffer[..<length])
        buffer.removeFirst(length)
        return answer
    }

    private static func index(of separator: [UInt8], in bytes: [UInt8]) -> Int? {
        guard bytes.count >= separator.count else { return nil }
        return (0...bytes.count - separator.count).first { bytes[$0] == 13 && bytes[$0...].starts(with: separator) }
    }
}
