/// Splits a stream of bytes into lines. A line longer than the limit is split too: a program that never ends its line
/// must not fill the memory.
struct OutputSplitter {
    private var rest: [UInt8] = []
    private let limit: Int

    init(limit: Int = 1 << 20) { self.limit = limit }

    /// The complete lines so far, without line ends.
    mutating func append(_ bytes: some Sequence<UInt8>) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                lines.append(take())
            } else {
                rest.append(byte)
                if rest.count >= limit { lines.append(take()) }
            }
        }
        return lines
    }

    /// The rest after the last line end, if any.
    mutating func finish() -> String? { rest.isEmpty ? nil : take() }

    private mutating func take() -> String {
        if rest.last == UInt8(ascii: "\r") { rest.removeLast() }
        defer { rest.removeAll(keepingCapacity: true) }
        return String(decoding: rest, as: UTF8.self)
    }
}
