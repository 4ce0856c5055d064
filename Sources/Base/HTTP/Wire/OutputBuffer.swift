import Glibc

/// Bytes that wait to be written to a socket. Grows as needed and keeps its memory, unless a large message used it.
struct OutputBuffer: ~Copyable {
    enum Outcome {
        /// Everything was written.
        case all
        /// The socket takes no more for now.
        case some
        /// The connection is broken: an `errno`.
        case failed(Int32)
    }

    private static let usualCapacity = 2048
    private static let keptCapacity = 16 << 10
    private var base = UnsafeMutablePointer<UInt8>.allocate(capacity: OutputBuffer.usualCapacity)
    private var capacity = OutputBuffer.usualCapacity
    private var count = 0
    private var written = 0

    init() {}

    deinit { base.deallocate() }

    var isEmpty: Bool { written == count }

    /// Drops what was not written.
    mutating func removeAll() {
        (count, written) = (0, 0)
        guard capacity > Self.keptCapacity else { return }
        base.deallocate()
        base = .allocate(capacity: Self.usualCapacity)
        capacity = Self.usualCapacity
    }

    private mutating func reserve(_ more: Int) {
        guard capacity - count < more else { return }
        capacity = max(capacity * 2, count + more)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        larger.update(from: base, count: count)
        base.deallocate()
        base = larger
    }

    mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let start = bytes.baseAddress else { return }
        reserve(bytes.count)
        (base + count).update(from: start, count: bytes.count)
        count += bytes.count
    }

    mutating func append(_ bytes: [UInt8]) { bytes.withUnsafeBufferPointer { append($0) } }

    mutating func append(_ text: StaticString) {
        append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append($0) }
    }

    /// A field's line. Control characters in the value, which would end the field early, are written as spaces
    /// (RFC 9110, section 5.5).
    mutating func appendField(_ name: String, _ value: String) {
        append(name)
        append(": ")
        let start = count
        append(value)
        for index in start..<count where base[index] < 0x20 && base[index] != 0x09 || base[index] == 0x7F {
            base[index] = 0x20
        }
        append("\r\n")
    }

    mutating func append(decimal number: Int) {
        reserve(20)
        var digits = 1
        var rest = number
        while rest > 9 {
            rest /= 10
            digits += 1
        }
        rest = number
        for index in stride(from: count + digits - 1, through: count, by: -1) {
            base[index] = 48 + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        count += digits
    }

    /// Writes as much as the socket takes.
    mutating func send(to socket: Int32) -> Outcome {
        while written < count {
            let done = Glibc.send(socket, base + written, count - written, Int32(MSG_NOSIGNAL))
            if done > 0 {
                written += done
            } else if errno == EAGAIN {
                return .some
            } else if errno != EINTR {
                return .failed(errno)
            }
        }
        removeAll()
        return .all
    }
}
