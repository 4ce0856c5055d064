/// Why bytes are not the expected protobuf message.
package struct ProtobufError: Error, Equatable, CustomStringConvertible {
    package var message: String
    /// The byte offset at which reading stopped, from the start of the outermost message.
    package var offset: Int

    package init(message: String, offset: Int) {
        self.message = message
        self.offset = offset
    }

    package var description: String { "not valid protobuf at byte \(offset): \(message)" }
}

/// Limits the memory of the decoded messages of one body: two bytes can be a message that takes hundreds. Not
/// thread-safe.
package final class ProtobufLimit {
    private var left: Int

    /// Creates a limit of `bytes` of estimated memory.
    package init(bytes: Int) { left = bytes }

    fileprivate func take(_ size: Int) -> Bool {
        left -= size
        return left >= 0
    }
}

/// Reads the protobuf wire format from borrowed bytes. Every read is checked against the end of its message; no input
/// can cause a trap. Must not outlive the bytes.
package struct ProtobufReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var index: Int
    private let end: Int
    /// The wire type of the field last returned by ``nextField()``.
    private var wireType: UInt8 = 0
    private let limit: ProtobufLimit?

    /// The approximate size in bytes of a decoded submessage without its strings.
    private static let messageSize = 64

    /// Creates a reader of a whole message.
    /// - Parameter limit: limits the memory of its decoded submessages.
    package init(_ bytes: UnsafeBufferPointer<UInt8>, limit: ProtobufLimit? = nil) {
        self.bytes = bytes
        self.limit = limit
        index = 0
        end = bytes.count
    }

    private init(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ limit: ProtobufLimit?) {
        self.bytes = bytes
        self.limit = limit
        index = range.lowerBound
        end = range.upperBound
    }

    private func error(_ message: String) -> ProtobufError { ProtobufError(message: message, offset: index) }

    /// The number of the next field; `nil` at the end of the message. The caller must read or skip the value next.
    package mutating func nextField() throws(ProtobufError) -> Int? {
        guard index < end else { return nil }
        let tag = try readVarint()
        let number = tag >> 3
        guard number >= 1, number <= 536_870_911 else { throw error("a field number of \(number)") }
        wireType = UInt8(tag & 7)
        return Int(number)
    }

    private mutating func readVarint() throws(ProtobufError) -> UInt64 {
        var result: UInt64 = 0
        var shift: UInt64 = 0
        while index < end {
            let byte = bytes[index]
            index += 1
            result |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 {
                guard shift < 63 || byte <= 1 else { throw error("a number of more than 64 bits") }
                return result
            }
            shift += 7
            guard shift <= 63 else { throw error("a number of more than 64 bits") }
        }
        throw error("the message ends within a number")
    }

    private func expect(_ expected: UInt8, _ name: String) throws(ProtobufError) {
        guard wireType == expected else { throw error("wire type \(wireType) where \(name) was expected") }
    }

    /// The value of an integer, bool or enum field.
    package mutating func varint() throws(ProtobufError) -> UInt64 {
        try expect(0, "a varint")
        return try readVarint()
    }

    /// The value of an `int32`, `uint32` or enum field: the low 32 bits, as protobuf treats an overlong value.
    package mutating func uint32() throws(ProtobufError) -> UInt32 { UInt32(truncatingIfNeeded: try varint()) }

    /// The value of a `fixed64` or `double` field.
    package mutating func fixed64() throws(ProtobufError) -> UInt64 {
        try expect(1, "eight bytes")
        return UInt64(littleEndian: try load())
    }

    /// The value of a `fixed32` field.
    package mutating func fixed32() throws(ProtobufError) -> UInt32 {
        try expect(5, "four bytes")
        return UInt32(littleEndian: try load())
    }

    private mutating func load<Integer: FixedWidthInteger & BitwiseCopyable>() throws(ProtobufError) -> Integer {
        let size = MemoryLayout<Integer>.size
        guard end - index >= size else { throw error("the message ends within a number") }
        let value = UnsafeRawBufferPointer(bytes).loadUnaligned(fromByteOffset: index, as: Integer.self)
        index += size
        return value
    }

    private mutating func readRange() throws(ProtobufError) -> Range<Int> {
        let length = try readVarint()
        guard length <= UInt64(end - index) else {
            throw error("a length of \(length) where \(end - index) bytes are left")
        }
        let range = index..<index + Int(length)
        index = range.upperBound
        return range
    }

    /// The bytes of a length-delimited field, borrowed.
    package mutating func bytesView() throws(ProtobufError) -> UnsafeBufferPointer<UInt8> {
        try expect(2, "a length and bytes")
        return UnsafeBufferPointer(rebasing: bytes[try readRange()])
    }

    /// The value of a `string` field. Bytes that are not UTF-8 become U+FFFD: damaged telemetry is better than none,
    /// and one bad string must not cost its whole batch.
    package mutating func string() throws(ProtobufError) -> String {
        String(decoding: try bytesView(), as: UTF8.self)
    }

    /// Skips the value of a `string` field; returns whether it is UTF-8.
    package mutating func skipString() throws(ProtobufError) -> Bool {
        let view = try bytesView()
        return view.allSatisfy { $0 < 0x80 } || String(validating: view, as: UTF8.self) != nil
    }

    /// Returns a reader of the submessage in this field.
    package mutating func message() throws(ProtobufError) -> ProtobufReader {
        try expect(2, "a message")
        try charge(Self.messageSize)
        return ProtobufReader(bytes, try readRange(), limit)
    }

    /// Charges the decoded size of a message beyond ``messageSize``.
    package func charge(_ size: Int) throws(ProtobufError) {
        if let limit, !limit.take(size) { throw error("it holds more than is taken at once") }
    }

    /// Skips the value of an unknown field.
    package mutating func skip() throws(ProtobufError) {
        switch wireType {
        case 0: _ = try readVarint()
        case 1: let _: UInt64 = try load()
        case 2: _ = try readRange()
        case 5: let _: UInt32 = try load()
        default: throw error("wire type \(wireType), which OTLP does not use")
        }
    }

    /// The current position, for error messages.
    package var offset: Int { index }
}
