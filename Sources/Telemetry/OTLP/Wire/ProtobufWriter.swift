import Encoding
import TraceContext

/// Writes the protobuf wire format into a ``ByteWriter``, without message objects or intermediate buffers.
///
/// A submessage's length is filled in afterwards: space for a guessed width is reserved, and the bytes are moved only
/// if the guess was wrong. The result is always the canonical, shortest encoding.
@usableFromInline package struct ProtobufWriter: ~Copyable {
    @usableFromInline package var output: ByteWriter

    @inlinable package init(capacity: Int = 1024) { output = ByteWriter(capacity: capacity) }

    /// The wire types of a field's value.
    @usableFromInline package enum WireType {
        @inlinable package static var varint: UInt64 { 0 }
        @inlinable package static var fixed64: UInt64 { 1 }
        @inlinable package static var lengthDelimited: UInt64 { 2 }
        @inlinable package static var fixed32: UInt64 { 5 }
    }

    /// An open submessage.
    @usableFromInline package struct Mark {
        @usableFromInline let start: Int
        @usableFromInline let width: Int

        @inlinable
        init(start: Int, width: Int) {
            self.start = start
            self.width = width
        }
    }

    @inlinable @inline(__always)
    package mutating func tag(_ field: Int, _ wireType: UInt64) {
        varint(UInt64(truncatingIfNeeded: field) &<< 3 | wireType)
    }

    @inlinable @inline(__always)
    package mutating func varint(_ value: UInt64) {
        if value < 0x80 { return output.append(UInt8(truncatingIfNeeded: value)) }
        longVarint(value)
    }

    @inlinable
    package mutating func longVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            output.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest &>>= 7
        }
        output.append(UInt8(truncatingIfNeeded: rest))
    }

    /// The number of bytes in a varint.
    @inlinable @inline(__always)
    package static func width(ofVarint value: Int) -> Int {
        value < 0x80 ? 1 : (70 &- UInt64(truncatingIfNeeded: value).leadingZeroBitCount) / 7
    }

    /// Begins a submessage whose length is expected to take `width` bytes: 1 up to 127 bytes, 2 up to 16,383.
    @inlinable @inline(__always)
    package mutating func begin(_ field: Int, expectedWidth width: Int) -> Mark {
        tag(field, WireType.lengthDelimited)
        return begin(expectedWidth: width)
    }

    /// Begins a submessage of `size` bytes, which needs no end.
    @inlinable @inline(__always)
    package mutating func beginField(_ field: Int, size: Int) {
        tag(field, WireType.lengthDelimited)
        varint(UInt64(truncatingIfNeeded: size))
    }

    /// The size of what ``beginField(_:size:)`` writes for a field number below 16.
    @inlinable
    package static func sizeOfTagAndLength(_ size: Int) -> Int { 1 &+ width(ofVarint: size) }

    /// Begins a length-delimited section whose tag has been written.
    @inlinable @inline(__always)
    package mutating func begin(expectedWidth width: Int) -> Mark {
        output.appendUninitialized(width)
        return Mark(start: output.count, width: width)
    }

    /// Ends a submessage and writes its length in front of it.
    @inlinable @inline(__always)
    package mutating func end(_ mark: Mark) {
        let length = output.count &- mark.start
        let width = Self.width(ofVarint: length)
        if width != mark.width { output.move(from: mark.start, by: width &- mark.width) }
        var rest = UInt64(truncatingIfNeeded: length)
        var index = mark.start &- mark.width
        for _ in 1..<width {
            output.set(UInt8(truncatingIfNeeded: rest) | 0x80, at: index)
            rest &>>= 7
            index &+= 1
        }
        output.set(UInt8(truncatingIfNeeded: rest), at: index)
    }

    /// Writes a string. As in proto3, an empty string is not written.
    @inlinable @inline(__always)
    package mutating func string(_ field: Int, _ text: String) {
        guard !text.isEmpty else { return }
        presentString(field, text)
    }

    /// Writes a string even if it is empty, as a oneof requires.
    @inlinable @inline(__always)
    package mutating func presentString(_ field: Int, _ text: String) {
        tag(field, WireType.lengthDelimited)
        varint(UInt64(truncatingIfNeeded: text.utf8.count))
        output.append(text)
    }

    /// Writes an integer or enum; 0 is not written.
    @inlinable @inline(__always)
    package mutating func integer(_ field: Int, _ value: UInt64) {
        guard value != 0 else { return }
        tag(field, WireType.varint)
        varint(value)
    }

    @inlinable @inline(__always)
    package mutating func fixed64(_ field: Int, _ value: UInt64) {
        guard value != 0 else { return }
        tag(field, WireType.fixed64)
        output.append(littleEndian: value)
    }

    @inlinable @inline(__always)
    package mutating func fixed32(_ field: Int, _ value: UInt32) {
        guard value != 0 else { return }
        tag(field, WireType.fixed32)
        output.append(littleEndian: value)
    }

    /// A trace id: 16 bytes, big-endian.
    @inlinable @inline(__always)
    package mutating func id(_ field: Int, _ id: TraceID) {
        tag(field, WireType.lengthDelimited)
        output.append(UInt8(16))
        output.append(littleEndian: id.high.byteSwapped)
        output.append(littleEndian: id.low.byteSwapped)
    }

    /// A span id: 8 bytes, big-endian.
    @inlinable @inline(__always)
    package mutating func id(_ field: Int, _ id: SpanID) {
        tag(field, WireType.lengthDelimited)
        output.append(UInt8(8))
        output.append(littleEndian: id.value.byteSwapped)
    }
}
