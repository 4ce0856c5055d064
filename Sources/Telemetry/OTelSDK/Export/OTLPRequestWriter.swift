import Encoding
import OTLP
import TraceContext

/// Builds `Export…ServiceRequest` messages: one resource, one scope, many items. Resource and scope never change while
/// a process runs, so their bytes are made once. The buffer is kept from one request to the next.
package struct OTLPRequestWriter: ~Copyable {
    private var writer = ProtobufWriter(capacity: 64 << 10)
    private let resource: [UInt8]
    private let scope: [UInt8]

    package init(resource: Resource, scope: OTLPScope) {
        var writer = ProtobufWriter(capacity: 512)
        let resourceMark = writer.begin(OTLPField.ResourceBatch.resource, expectedWidth: 2)
        writer.attributes(OTLPField.Resource.attributes, resource.attributes)
        writer.end(resourceMark)
        // Fields may come in any order: what never changes stands before the items.
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

    /// An `ExportTraceServiceRequest` of `spans`.
    package mutating func request(_ spans: [SpanData]) -> [UInt8] {
        request(spans) { $0.span(OTLPField.ScopeBatch.items, $1) }
    }

    /// An `ExportLogsServiceRequest` of `records`.
    mutating func request(_ records: [LogRecordData]) -> [UInt8] {
        request(records) { $0.logRecord(OTLPField.ScopeBatch.items, $1) }
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
        // By pointer: a copy of each item would retain and release everything in it.
        items.withUnsafeBufferPointer { items in
            guard let base = items.baseAddress else { return }
            for index in 0..<items.count { write(&writer, base + index) }
        }
        writer.end(scopeMark)
        writer.end(resourceMark)
        return writer.output.bytes
    }
}
