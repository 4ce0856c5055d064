import CZlib

/// Why bytes could not be (de)compressed.
package struct GzipError: Error, Equatable, CustomStringConvertible {
    package var description: String
    /// Whether the data may be valid but is larger than allowed.
    package var exceedsLimit: Bool
    package init(description: String, exceedsLimit: Bool = false) {
        self.description = description
        self.exceedsLimit = exceedsLimit
    }
}

/// gzip (RFC 1952), using zlib.
package enum Gzip {
    /// The maximum number of members in a body.
    private static let maximumMembers = 1000

    /// Compresses `bytes`. `level` is zlib's, from 1 (fastest) to 9 (smallest).
    package static func compress(_ bytes: [UInt8], level: Int32 = 1) throws(GzipError) -> [UInt8] {
        var stream = z_stream()
        guard
            deflateInit2_(
                &stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                Int32(MemoryLayout<z_stream>.size)) == Z_OK
        else { throw GzipError(description: "zlib could not start") }
        defer { deflateEnd(&stream) }
        var result: Int32 = Z_OK
        let bound = Int(deflateBound(&stream, uLong(bytes.count)))
        let output = [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
            bytes.withUnsafeBufferPointer { input in
                stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.avail_in = UInt32(input.count)
                stream.next_out = buffer.baseAddress
                stream.avail_out = UInt32(bound)
                result = deflate(&stream, Z_FINISH)
            }
            count = bound - Int(stream.avail_out)
        }
        guard result == Z_STREAM_END else { throw GzipError(description: "zlib answered \(result)") }
        return output
    }

    /// Decompresses gzip or zlib bytes and refuses to produce more than `limit` bytes, because a small body can expand
    /// to a huge one. Consecutive gzip members form one body (RFC 1952, section 2.2). Their number is limited, because
    /// an empty member costs the reader much more than the sender.
    package static func decompress(_ bytes: [UInt8], limit: Int) throws(GzipError) -> [UInt8] {
        var stream = z_stream()
        guard inflateInit2_(&stream, 15 + 32, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw GzipError(description: "zlib could not start")
        }
        defer { inflateEnd(&stream) }
        var output: [UInt8] = []
        var result: Int32 = Z_OK
        var members = 1
        bytes.withUnsafeBufferPointer { input in
            stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            stream.avail_in = UInt32(clamping: input.count)
            let chunk = max(4096, min(limit, bytes.count * 4, 1 << 20))
            while result == Z_OK, output.count <= limit, members <= maximumMembers {
                let part = [UInt8](unsafeUninitializedCapacity: chunk) { buffer, count in
                    stream.next_out = buffer.baseAddress
                    stream.avail_out = UInt32(clamping: chunk)
                    result = inflate(&stream, Z_NO_FLUSH)
                    count = chunk - Int(stream.avail_out)
                }
                output.append(contentsOf: part)
                if result == Z_STREAM_END, stream.avail_in > 0 {
                    members += 1
                    result = inflateReset(&stream)
                }
            }
        }
        guard members <= maximumMembers else {
            throw GzipError(description: "the body has more than \(maximumMembers) gzip members")
        }
        guard output.count <= limit else {
            throw GzipError(
                description: "the body is larger than \(limit) bytes when decompressed", exceedsLimit: true)
        }
        guard result == Z_STREAM_END else { throw GzipError(description: "the body is not complete gzip data") }
        return output
    }
}
