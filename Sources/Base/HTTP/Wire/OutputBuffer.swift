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
    /// Whether it holds something of which not one byte was written.
    var isUntouched: Bool { written == 0 && count > 0 }

    /// Drops what was not written.
    mutating func removeAll() {
        (count, written) = (0, 0)
        guard capacity > Self.keptCapacity else { return }
        base.deallocate()
        base = .allocate(capacity: Self.usualCapacity)
        capacity = Self.usualCapacity
    }

    @inline(__always)
    private mutating func reserve(_ more: Int) {
        if capacity &- count < more { grow(more) }
    }

    @inline(never)
    private mutating func grow(_ more: Int) {
        capacity = max(capacity * 2, count + more)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        larger.update(from: base, count: count)
        base.deallocate()
        base = larger
    }

    @inline(__always)
    mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let start = bytes.baseAddress else { return }
        reserve(bytes.count)
        (base + count).update(from: start, count: bytes.count)
        count += bytes.count
    }

    mutating func append(_ bytes: [UInt8]) { bytes.withUnsafeBufferPointer { append($0) } }

    @inline(__always)
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
        var (name, value) = (name, value)
        name.withUTF8 { name in value.withUTF8 { appendField(name, $0) } }
    }

    private mutating func appendField(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) {
        reserve(name.count + value.count + 4)
        var end = base + count
        if let start = name.baseAddress { end.update(from: start, count: name.count) }
        end += name.count
        end[0] = UInt8(ascii: ":")
        end[1] = 0x20
        end += 2
        if let start = value.baseAddress { end.update(from: start, count: value.count) }
        Self.replaceControlCharacters(UnsafeMutableBufferPointer(start: end, count: value.count))
        end += value.count
        end[0] = 13
        end[1] = 10
        count += name.count + value.count + 4
    }

    /// Looks at eight bytes at a time as long as there is no such character, which is nearly always.
    private static func replaceControlCharacters(_ bytes: UnsafeMutableBufferPointer<UInt8>) {
        var index = 0
        let raw = UnsafeRawPointer(bytes.baseAddress)
        while let raw, index &+ 8 <= bytes.count {
            let word = raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            let deletes = word ^ 0x7F7F_7F7F_7F7F_7F7F
            // The high bit of a byte is set if it is below 0x20, or if it is 0x7F.
            let found =
                (word &- 0x2020_2020_2020_2020) & ~word | (deletes &- 0x0101_0101_0101_0101) & ~deletes
            if found & 0x8080_8080_8080_8080 != 0 { break }
            index &+= 8
        }
        while index < bytes.count {
            let byte = bytes[index]
            if byte < 0x20 && byte != 0x09 || byte == 0x7F { bytes[index] = 0x20 }
            index &+= 1
        }
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
