import Encoding
import OTLP

/// Builds `Export…ServiceRequest` messages with one resource, one scope and many items. Resource and scope never change
/// while the process runs, so they are encoded once. The buffer is reused between requests.
package struct OTLPRequestWriter: ~Copyable {
    private var writer = ProtobufWriter(capacity: 64 << 10)
    private let resource: [UInt8]
    private let scope: [UInt8]

    package init(resource: Resource, scope: OTLPScope) {
        var writer = ProtobufWriter(capacity: 512)
        let resourceMark = writer.begin(OTLPField.ResourceBatch.resource, expectedWidth: 2)
        writer.attributes(OTLPField.Resource.attributes, resource.attributes)
        writer.end(resourceMark)
        // Fields may come in any order, so the constant part goes before the items.
        writer.string(OTLPField.ResourceBatch.schemaURL, resource.schemaURL)
        self.resource = writer.output.bytes

        writer.output.removeAll()
        let scopeMark = writer.begin(OTLPField.ScopeBatch.scope, expectedWidth: 1)
        writer.string(OTLPField.Scope.name, scope.name)
        writer.string(OTLPField.Scope.version, scope.version)
        writer.end(scopeMark)
        writer.string(OTLPField.ScopeBatch.schemaURL, scope.schemaURL)
        self.scope = writer.output.bytes
    }

    /// Encodes an `ExportTraceServiceRequest` with `spans`.
    package mutating func request(_ spans: [SpanData]) -> [UInt8] {
        request(spans) { $0.span(OTLPField.ScopeBatch.items, $1) }
    }

    /// Encodes an `ExportLogsServiceRequest` with `records`.
    mutating func request(_ records: [LogRecordData]) -> [UInt8] {
        request(records) { $0.logRecord(OTLPField.ScopeBatch.items, $1) }
    }

    /// Encodes a request with `items`, which are the encoded fields of a scope, one after the other. Copies them once.
    mutating func request(ofItems items: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        writer.output.removeAll()
        let scopeSize = scope.count + items.count
        let resourceSize = resource.count + ProtobufWriter.sizeOfTagAndLength(scopeSize) + scopeSize
        writer.beginField(OTLPField.Request.resources, size: resourceSize)
        writer.output.append(contentsOf: resource)
        writer.beginField(OTLPField.ResourceBatch.scopes, size: scopeSize)
        writer.output.append(contentsOf: scope)
        return writer.output.withUnsafeBytes { head in
            [UInt8](unsafeUninitializedCapacity: head.count + items.count) { buffer, count in
                _ = buffer.update(fromContentsOf: head)
                _ = buffer[head.count...].update(fromContentsOf: items)
                count = head.count + items.count
            }
        }
    }

    @inline(__always)
    private mutating func request<Item>(
        _ items: [Item], _ write: (inout ProtobufWriter, UnsafePointer<Item>) -> Void
    ) -> [UInt8] {
        writer.output.removeAll()
        let resourceMark = writer.begin(OTLPField.Request.resources, expectedWidth: 3)
        writer.output.append(contentsOf: resource)
        let scopeMark = writer.begin(OTLPField.ResourceBatch.scopes, expectedWidth: 3)
        writer.output.append(contentsOf: scope)
        // Accessed by pointer, because copying an item would retain and release everything in it.
        items.withUnsafeBufferPointer { items in
            guard let base = items.baseAddress else { return }
            for index in 0..<items.count { write(&writer, base + index) }
        }
        writer.end(scopeMark)
        writer.end(resourceMark)
        return writer.output.bytes
    }
}
