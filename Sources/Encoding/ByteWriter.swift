/// A growing buffer of bytes, written front to back and reused: the hot paths (log lines, OTLP) append to one of these.
///
/// Not thread-safe; its owner guards it.
package struct ByteWriter: ~Copyable {
    @usableFromInline var base: UnsafeMutablePointer<UInt8>
    @usableFromInline var capacity: Int
    /// How many bytes were written.
    package private(set) var count: Int

    /// Creates an empty buffer with room for `capacity` bytes.
    package init(capacity: Int = 1024) {
        self.capacity = max(capacity, 16)
        base = .allocate(capacity: self.capacity)
        count = 0
    }

    deinit { base.deallocate() }

    /// Forgets what was written; the room stays.
    package mutating func removeAll() { count = 0 }

    /// Drops the bytes from `newCount` on.
    package mutating func truncate(to newCount: Int) {
        precondition(newCount >= 0 && newCount <= count)
        count = newCount
    }

    /// Makes room for `additional` more bytes.
    @inline(__always)
    package mutating func reserve(_ additional: Int) {
        if capacity - count < additional { grow(additional) }
    }

    @inline(never)
    private mutating func grow(_ additional: Int) {
        let newCapacity = max(capacity * 2, count + additional)
        let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: newCapacity)
        moved.update(from: base, count: count)
        base.deallocate()
        base = moved
        capacity = newCapacity
    }

    /// Appends one byte.
    @inline(__always)
    package mutating func append(_ byte: UInt8) {
        reserve(1)
        base[count] = byte
        count &+= 1
    }

    /// Appends bytes.
    @inline(__always)
    package mutating func append(contentsOf bytes: UnsafeBufferPointer<UInt8>) {
        guard let source = bytes.baseAddress, !bytes.isEmpty else { return }
        reserve(bytes.count)
        (base + count).update(from: source, count: bytes.count)
        count &+= bytes.count
    }

    /// Appends bytes.
    package mutating func append(contentsOf bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { append(contentsOf: $0) }
    }

    /// Appends a literal.
    @inline(__always)
    package mutating func append(_ text: StaticString) {
        append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends a text's UTF-8.
    @inline(__always)
    package mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append(contentsOf: $0) }
    }

    /// Appends a decimal integer.
    package mutating func append(decimal value: some BinaryInteger) {
        reserve(20)
        if value < 0 { append(UInt8(ascii: "-")) }
        var rest = UInt64(value.magnitude)
        let start = count
        repeat {
            base[count] = UInt8(truncatingIfNeeded: rest % 10) &+ 48
            count &+= 1
            rest /= 10
        } while rest > 0
        var (left, right) = (start, count - 1)
        while left < right {
            (base[left], base[right]) = (base[right], base[left])
            left += 1
            right -= 1
        }
    }

    /// Appends 16 lower-case hex digits.
    package mutating func append(hex value: UInt64) {
        reserve(16)
        var shift: UInt64 = 60
        for index in 0..<16 {
            base[count + index] = Hex.digit(UInt8(truncatingIfNeeded: value &>> shift) & 0xF)
            shift = shift &- 4
        }
        count &+= 16
    }

    /// Appends an integer's bytes, least significant first.
    @inline(__always)
    package mutating func append<Integer: FixedWidthInteger & BitwiseCopyable>(littleEndian value: Integer) {
        reserve(MemoryLayout<Integer>.size)
        UnsafeMutableRawPointer(base + count).storeBytes(of: value.littleEndian, as: Integer.self)
        count &+= MemoryLayout<Integer>.size
    }

    /// Appends `size` bytes of unspecified content, to be overwritten with ``set(_:at:)``.
    @inline(__always)
    package mutating func appendUninitialized(_ size: Int) {
        reserve(size)
        (base + count).initialize(repeating: 0, count: size)
        count &+= size
    }

    /// Moves what stands from `index` on by `distance` bytes, towards the end or (negative) the start.
    package mutating func move(from index: Int, by distance: Int) {
        precondition(index <= count && index + distance >= 0)
        if distance > 0 { reserve(distance) }
        (base + index + distance).update(from: base + index, count: count - index)
        count += distance
    }

    /// Overwrites the byte at `index`, which was written before.
    package mutating func set(_ byte: UInt8, at index: Int) {
        precondition(index < count)
        base[index] = byte
    }

    /// Lends what was written.
    @inline(__always)
    package borrowing func withUnsafeBytes<R, E: Error>(_ body: (UnsafeBufferPointer<UInt8>) throws(E) -> R) throws(E)
        -> R
    {
        try body(UnsafeBufferPointer(start: base, count: count))
    }

    /// A copy of what was written.
    package var bytes: [UInt8] { withUnsafeBytes { Array($0) } }

    /// What was written, as text.
    package var string: String { withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
}
