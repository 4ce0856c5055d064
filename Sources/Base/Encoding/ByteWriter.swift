/// A growing, reusable buffer of bytes that is written front to back. Hot paths (log lines, OTLP) append to it.
///
/// Not thread-safe; its owner must guard it. Public and inlinable, because otherwise the compiler does not inline
/// across modules, and a call per byte would cost more than the byte.
public struct ByteWriter: ~Copyable {
    @usableFromInline var base: UnsafeMutablePointer<UInt8>
    @usableFromInline var capacity: Int
    @usableFromInline var used: Int

    /// The number of bytes written.
    @inlinable public var count: Int { used }

    /// Creates an empty buffer with a capacity of `capacity` bytes.
    @inlinable
    public init(capacity: Int = 1024) {
        self.capacity = max(capacity, 16)
        base = .allocate(capacity: self.capacity)
        used = 0
    }

    deinit { base.deallocate() }

    /// Removes everything written; the capacity stays.
    @inlinable
    public mutating func removeAll() { used = 0 }

    /// Removes the bytes from `newCount` on.
    @inlinable
    public mutating func truncate(to newCount: Int) {
        precondition(newCount >= 0 && newCount <= count)
        used = newCount
    }

    /// Ensures that `additional` more bytes fit.
    @inlinable @inline(__always)
    public mutating func reserve(_ additional: Int) {
        if capacity - count < additional { grow(additional) }
    }

    @inline(never)
    @usableFromInline
    mutating func grow(_ additional: Int) {
        let newCapacity = max(capacity * 2, count + additional)
        let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: newCapacity)
        moved.update(from: base, count: count)
        base.deallocate()
        base = moved
        capacity = newCapacity
    }

    /// Appends one byte.
    @inlinable @inline(__always)
    public mutating func append(_ byte: UInt8) {
        reserve(1)
        base[count] = byte
        used &+= 1
    }

    /// Appends bytes.
    @inlinable @inline(__always)
    public mutating func append(contentsOf bytes: UnsafeBufferPointer<UInt8>) {
        guard let source = bytes.baseAddress, !bytes.isEmpty else { return }
        reserve(bytes.count)
        (base + count).update(from: source, count: bytes.count)
        used &+= bytes.count
    }

    /// Appends bytes.
    @inlinable
    public mutating func append(contentsOf bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { append(contentsOf: $0) }
    }

    /// Appends a constant string. (``append(_:)-(String)`` would convert a literal to a `String` first.)
    @inlinable @inline(__always)
    public mutating func append(literal text: StaticString) {
        append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends a constant string.
    @inlinable @inline(__always)
    public mutating func append(_ text: StaticString) { append(literal: text) }

    /// Appends the UTF-8 bytes of a string.
    @inlinable @inline(__always)
    public mutating func append(_ text: String) {
        guard text.utf8.withContiguousStorageIfAvailable({ append(contentsOf: $0) }) == nil else { return }
        var text = text
        text.withUTF8 { append(contentsOf: $0) }
    }

    /// Appends a decimal integer.
    public mutating func append(decimal value: some BinaryInteger) {
        reserve(20)
        if value < 0 { append(UInt8(ascii: "-")) }
        var rest = UInt64(value.magnitude)
        let start = count
        repeat {
            base[count] = UInt8(truncatingIfNeeded: rest % 10) &+ 48
            used &+= 1
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
    @inlinable
    public mutating func append(hex value: UInt64) {
        append(littleEndian: Hex.eightDigits(UInt32(truncatingIfNeeded: value &>> 32)))
        append(littleEndian: Hex.eightDigits(UInt32(truncatingIfNeeded: value)))
    }

    /// Appends an integer's bytes, least significant first.
    @inlinable @inline(__always)
    public mutating func append<Integer: FixedWidthInteger & BitwiseCopyable>(littleEndian value: Integer) {
        reserve(MemoryLayout<Integer>.size)
        UnsafeMutableRawPointer(base + count).storeBytes(of: value.littleEndian, as: Integer.self)
        used &+= MemoryLayout<Integer>.size
    }

    /// Appends `size` bytes of unspecified content, to be overwritten with ``set(_:at:)``.
    @inlinable @inline(__always)
    public mutating func appendUninitialized(_ size: Int) {
        reserve(size)
        (base + count).initialize(repeating: 0, count: size)
        used &+= size
    }

    /// Moves the bytes from `index` on by `distance` bytes, towards the end or, if negative, the start.
    public mutating func move(from index: Int, by distance: Int) {
        precondition(index <= count && index + distance >= 0)
        if distance > 0 { reserve(distance) }
        (base + index + distance).update(from: base + index, count: count - index)
        used += distance
    }

    /// Overwrites the byte at `index`, which must have been written before.
    @inlinable @inline(__always)
    public mutating func set(_ byte: UInt8, at index: Int) {
        precondition(index < count)
        base[index] = byte
    }

    /// Gives `body` access to the bytes written.
    @inlinable @inline(__always)
    public borrowing func withUnsafeBytes<R, E: Error>(
        _ body: (UnsafeBufferPointer<UInt8>) throws(E) -> R
    ) throws(E)
        -> R
    {
        try body(UnsafeBufferPointer(start: base, count: count))
    }

    /// A copy of the bytes written.
    @inlinable
    public var bytes: [UInt8] { withUnsafeBytes { Array($0) } }

    /// The bytes written, as a string.
    @inlinable
    public var string: String { withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
}
