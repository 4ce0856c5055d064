import Encoding
import OTLP

/// A batch of spans in the form in which they are sent: each is encoded when it ends, straight into one buffer.
///
/// Unchecked: only the owner of the batch changes it. That is the queue, under its lock, until the batch is handed out;
/// after that, nobody does.
final class EncodedSpans: RecordBatch, @unchecked Sendable {
    @exclusivity(unchecked) private(set) var count = 0
    @exclusivity(unchecked) private var writer: ProtobufWriter

    init(capacity: Int) { writer = ProtobufWriter(capacity: min(capacity, 16) * 256) }

    var byteCount: Int { writer.output.count }

    func append(_ span: UnsafePointer<SpanData>) {
        writer.span(OTLPField.ScopeBatch.items, span)
        count += 1
    }

    func withUnsafeBytes<R>(_ body: (UnsafeBufferPointer<UInt8>) -> R) -> R { writer.output.withUnsafeBytes(body) }

    /// A buffer that grew for a few huge spans is not worth keeping.
    func recycled() -> EncodedSpans? {
        guard byteCount <= 256 << 10 else { return nil }
        writer.output.removeAll()
        count = 0
        return self
    }
}
