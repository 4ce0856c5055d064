import CMicroHTTPD

/// Provides a body to libmicrohttpd piece by piece, if it is too large to copy or has a ``BodyStream``. Used on the
/// loop's thread only.
final class BodyReader {
    private let bytes: [UInt8]
    private let stream: BodyStream?
    /// Valid whenever a piece is requested: that happens only while the exchange is being answered.
    private unowned let exchange: Exchange
    /// The stream's first step, which was requested before the response was queued.
    private var firstStep: BodyStream.Step?

    init(_ bytes: [UInt8], stream: BodyStream? = nil, firstStep: BodyStream.Step? = nil, exchange: Exchange) {
        self.bytes = bytes
        self.stream = stream
        self.firstStep = firstStep
        self.exchange = exchange
    }

    /// Returns the body as a libmicrohttpd response, which keeps this object alive.
    func raw() -> OpaquePointer? {
        MHD_create_response_from_callback(
            UInt64(bytes.count), 64 << 10, Self.read, Unmanaged.passRetained(self).toOpaque(), Self.release)
    }

    private static let read: MHD_ContentReaderCallback = { context, position, buffer, size in
        guard let context, let buffer else { return tailspan_mhd_end_with_error() }
        return Unmanaged<BodyReader>.fromOpaque(context).takeUnretainedValue()
            .read(at: Int(position), into: UnsafeMutableRawBufferPointer(start: buffer, count: size))
    }

    private static let release: MHD_ContentReaderFreeCallback = { context in
        if let context { Unmanaged<BodyReader>.fromOpaque(context).release() }
    }

    private func read(at position: Int, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        var count = min(buffer.count, bytes.count - position)
        if let stream {
            let step = firstStep ?? stream.step(at: position, of: bytes.count)
            firstStep = nil
            switch step {
            case .send(let most): count = min(count, max(most, 1))
            case .pause(let duration):
                exchange.pause(for: duration)
                return 0
            case .end: return tailspan_mhd_end_with_error()
            case .reset:
                exchange.resetConnection()
                return tailspan_mhd_end_with_error()
            }
        }
        bytes.withUnsafeBytes {
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[position..<position + count]))
        }
        return count
    }
}
