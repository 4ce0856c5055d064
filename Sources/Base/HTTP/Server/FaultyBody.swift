import CMicroHTTPD

/// A body that comes slowly, or not to its end. Touched on the loop's thread only.
final class FaultyBody {
    /// Ten pieces a second, or one byte at a time.
    private static let piecesPerSecond = 10

    private let bytes: [UInt8]
    /// Asks for each piece while it is being answered, and no later.
    private unowned let exchange: Exchange
    /// After so many bytes the connection is ended.
    private let end: Int?
    private let bytesPerSecond: Int?
    /// Whether the pause after the last piece is over.
    private var isRested = true

    init(_ bytes: [UInt8], exchange: Exchange, endsAfter end: Int? = nil, bytesPerSecond: Int? = nil) {
        self.bytes = bytes
        self.exchange = exchange
        self.end = end.map { min(max($0, 0), bytes.count) }
        self.bytesPerSecond = bytesPerSecond.map { max($0, 1) }
    }

    /// The body as libmicrohttpd wants it; it keeps this object alive.
    func raw() -> OpaquePointer? {
        MHD_create_response_from_callback(
            UInt64(bytes.count), 64 << 10, Self.read, Unmanaged.passRetained(self).toOpaque(), Self.release)
    }

    private static let read: MHD_ContentReaderCallback = { context, position, buffer, size in
        guard let context, let buffer else { return tailspan_mhd_end_with_error() }
        return Unmanaged<FaultyBody>.fromOpaque(context).takeUnretainedValue()
            .read(at: Int(position), into: UnsafeMutableRawBufferPointer(start: buffer, count: size))
    }

    private static let release: MHD_ContentReaderFreeCallback = { context in
        if let context { Unmanaged<FaultyBody>.fromOpaque(context).release() }
    }

    private func read(at position: Int, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        if let end, position >= end { return tailspan_mhd_end_with_error() }
        var count = min(buffer.count, (end ?? bytes.count) - position)
        if let bytesPerSecond {
            let piece = max(bytesPerSecond / Self.piecesPerSecond, 1)
            guard isRested else {
                isRested = true
                exchange.pause(for: .seconds(Double(piece) / Double(bytesPerSecond)))
                return 0
            }
            isRested = false
            count = min(count, piece)
        }
        bytes.withUnsafeBytes {
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[position..<position + count]))
        }
        return count
    }
}
