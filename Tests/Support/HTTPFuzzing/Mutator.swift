import Encoding
import HTTPConformance

/// Makes messages from the tables' entries that nobody would think of. The same seed makes the same ones.
package struct Mutator {
    private let random: SplitMix64
    private let seeds: [[UInt8]]

    /// No message is longer.
    private static let maximumSize = 48 << 10
    /// What often means something.
    private static let words: [[UInt8]] = [
        "\r\n", "\n", "\r", "\r\n\r\n", " ", "\t", ":", ";", ",", "\0", "\u{7F}", "\u{80}", "\u{FF}", "0", "1", "f",
        "-",
        "+", "0x", "\"", "#", "%", "HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "GET ", "HEAD ", "POST ", "/", "*", "http://y",
        "Host: x\r\n", "Content-Length: 3\r\n", "Content-Length: 0\r\n", "Transfer-Encoding: chunked\r\n", "chunked",
        "identity", "Connection: close\r\n", "Connection: keep-alive\r\n", "Expect: 100-continue\r\n", "Upgrade: x\r\n",
        "A: b\r\n", " c\r\n", "0\r\n\r\n", "3\r\nabc\r\n", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 204 A\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "18446744073709551616", "ffffffffffffffff",
    ].map(latin1Bytes)

    package init(seed: UInt64, _ seeds: [[UInt8]]) {
        random = SplitMix64(seed: seed)
        self.seeds = seeds
    }

    /// A number from 0 to `bound - 1`.
    package func number(below bound: Int) -> Int { Int(random.next() % UInt64(max(bound, 1))) }

    package func message() -> [UInt8] {
        var message = seeds[number(below: seeds.count)]
        for _ in 0...number(below: 4) { change(&message) }
        return Array(message.prefix(Self.maximumSize))
    }

    private func range(in message: [UInt8], atMost most: Int) -> Range<Int> {
        let start = number(below: message.count + 1)
        return start..<min(message.count, start + number(below: most) + 1)
    }

    private func change(_ message: inout [UInt8]) {
        let place = number(below: message.count + 1)
        switch number(below: 10) {
        case 0: if place < message.count { message[place] ^= 1 << UInt8(number(below: 8)) }
        case 1: if place < message.count { message[place] = UInt8(number(below: 256)) }
        case 2: message.insert(UInt8(number(below: 256)), at: place)
        case 3, 4: message.insert(contentsOf: Self.words[number(below: Self.words.count)], at: place)
        case 5: message.removeSubrange(range(in: message, atMost: 8))
        case 6:
            let range = range(in: message, atMost: 40)
            message.insert(contentsOf: message[range], at: place)
        case 7:
            // The beginning of one, the end of another.
            let other = seeds[number(below: seeds.count)]
            message = Array(message[..<place]) + other[number(below: other.count + 1)...]
        case 8: message += seeds[number(below: seeds.count)]
        default:
            let range = range(in: message, atMost: 12)
            let times = number(below: 20) == 0 ? number(below: 3000) : number(below: 12)
            message.insert(contentsOf: (0..<times).flatMap { _ in message[range] }, at: place)
        }
    }

    /// The message in one piece, or in several.
    package func pieces(_ message: [UInt8]) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var start = 0
        let most = [2, 16, 200, 5000][number(below: 4)] * (message.count > 5000 ? 8 : 1)
        while start < message.count {
            let end = min(message.count, start + 1 + number(below: most))
            pieces.append(message[start..<end])
            start = end
        }
        return pieces
    }
}
