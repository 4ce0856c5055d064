import OTLP
import TraceContext
import TraceQL
import Vocabulary

/// The spans of one OTLP request, validated and split but not decoded: the store keeps their bytes as received, so
/// nothing from a sender is lost, and a span costs little. Only strings that are not UTF-8 are repaired.
package struct TraceBatch: Sendable {
    /// The request's protobuf bytes, which ``Span`` refers to.
    private(set) var body: [UInt8]
    /// Whether the bytes can be stored as received.
    private var isSound = true
    private(set) var groups: [Group] = []
    package var rejection = Rejection()

    /// The maximum size of a span, and of a resource with its scope: each is read and shown as a whole.
    private static let maximumSpanSize = 1 << 20

    /// The spans of one scope of one resource.
    struct Group: Sendable {
        /// The fields of `ResourceSpans` except its scopes.
        var resource: [UInt8]
        /// The fields of `ScopeSpans` except its spans.
        var scope: [UInt8]
        /// The resource's `service.name`; empty if it has none.
        var service: String
        var spans: [Span]
    }

    /// The indexed columns of a span, and the position of its bytes.
    struct Span: Sendable {
        var traceID = TraceID(high: 0, low: 0)
        var spanID: UInt64 = 0
        /// 0 for a root.
        var parentID: UInt64 = 0
        /// Nanoseconds since the Unix epoch.
        var start: UInt64 = 0
        var end: UInt64 = 0
        var kind: UInt64 = 0
        var status: UInt64 = 0
        var name = 0..<0
        var payload = 0..<0

        /// Nanoseconds, 0 for a span that ends before it starts.
        var duration: UInt64 { end > start ? end - start : 0 }
    }

    /// Spans that the store rejects, for the request's partial success.
    package struct Rejection: Sendable {
        package var count = 0
        /// Why the first one was rejected, or what is unusual about the request; empty if nothing is.
        package var message = ""
    }

    package var spanCount: Int { groups.reduce(0) { $0 + $1.spans.count } }

    /// Parses an `ExportTraceServiceRequest`. Spans whose ids are missing, all zero or of a wrong length are rejected.
    /// - Throws: an error if any part of the request is malformed.
    package init(protobuf body: [UInt8]) throws(ProtobufError) {
        self.body = body
        try read()
        guard !isSound else { return }
        self.body = try TraceRepair.request(body)
        groups = []
        rejection = Rejection()
        try read()
    }

    private mutating func read() throws(ProtobufError) {
        let request = body
        let result: Result<Void, ProtobufError> = request.withUnsafeBufferPointer { bytes in
            Result { () throws(ProtobufError) in
                var request = ProtobufReader(bytes, limit: ProtobufLimit(bytes: OTLPDecoder.maximumSize))
                while let field = try request.nextField() {
                    if field == SpanField.Request.resourceSpans {
                        try readResourceSpans(request.message(), bytes)
                    } else {
                        try request.skip()
                    }
                }
            }
        }
        try result.get()
    }

    private mutating func readResourceSpans(
        _ reader: ProtobufReader, _ bytes: UnsafeBufferPointer<UInt8>
    )
        throws(ProtobufError)
    {
        var reader = reader
        var resource: [UInt8] = []
        var service = ""
        // The resource may follow its scopes: fields come in any order.
        var scopes: [ProtobufReader] = []
        while true {
            let start = reader.offset
            guard let field = try reader.nextField() else { break }
            switch field {
            case SpanField.ResourceSpans.scopeSpans:
                scopes.append(try reader.message())
                continue
            case SpanField.ResourceSpans.resource:
                let message = try reader.message()
                if try !message.check(.resource) { isSound = false }
                if let name = try Self.serviceName(message) { service = name }
            case SpanField.ResourceSpans.schemaURL: if try !reader.skipString() { isSound = false }
            default: try reader.skip()
            }
            resource += bytes[start..<reader.offset]
        }
        for scope in scopes {
            let (scope, spans) = try readScopeSpans(scope, bytes)
            guard !spans.isEmpty else { continue }
            guard resource.count + scope.count <= Self.maximumSpanSize else {
                if rejection.count == 0 {
                    rejection.message = "a resource and scope of more than \(Self.maximumSpanSize) bytes"
                }
                rejection.count += spans.count
                continue
            }
            groups.append(Group(resource: resource, scope: scope, service: service, spans: spans))
        }
    }

    private mutating func readScopeSpans(
        _ reader: ProtobufReader, _ bytes: UnsafeBufferPointer<UInt8>
    )
        throws(ProtobufError) -> (scope: [UInt8], spans: [Span])
    {
        var reader = reader
        var scope: [UInt8] = []
        var spans: [Span] = []
        while true {
            let start = reader.offset
            guard let field = try reader.nextField() else { break }
            switch field {
            case SpanField.ScopeSpans.spans:
                let span = try reader.message()
                let payload = span.offset..<reader.offset
                var read = Span(payload: payload)
                if let problem = payload.count > Self.maximumSpanSize
                    ? "a span of more than \(Self.maximumSpanSize) bytes" : try read.read(span, &isSound)
                {
                    if rejection.count == 0 { rejection.message = problem }
                    rejection.count += 1
                } else {
                    spans.append(read)
                }
                continue
            case SpanField.ScopeSpans.scope: if try !reader.message().check(.scope) { isSound = false }
            case SpanField.ScopeSpans.schemaURL: if try !reader.skipString() { isSound = false }
            default: try reader.skip()
            }
            scope += bytes[start..<reader.offset]
        }
        return (scope, spans)
    }

    private static func serviceName(_ reader: ProtobufReader) throws(ProtobufError) -> String? {
        var reader = reader
        var name: String?
        while let field = try reader.nextField() {
            guard field == SpanField.Resource.attributes else {
                try reader.skip()
                continue
            }
            let attribute = try reader.message()
            if try attribute.hasKey(Attribute.serviceName), case .string(let text) = try attribute.attributeValue() {
                name = name ?? text
            }
        }
        return name
    }
}

extension TraceBatch.Span {
    /// Fills in the indexed columns and checks the rest. Returns why the span is rejected; `nil` if it is not.
    fileprivate mutating func read(
        _ reader: ProtobufReader, _ isSound: inout Bool
    ) throws(ProtobufError) -> String? {
        var reader = reader
        var problem: String?
        while let field = try reader.nextField() {
            switch field {
            case SpanField.Span.traceID:
                let id = try reader.bytesView()
                if let id = TraceID(bytes: id) {
                    traceID = id
                } else {
                    problem = "trace ids must be 16 bytes and not all zero, received \(id.count) bytes"
                }
            case SpanField.Span.spanID:
                let id = try reader.bytesView()
                if let id = UInt64(spanID: id) {
                    spanID = id
                } else {
                    problem = "span ids must be 8 bytes and not all zero, received \(id.count) bytes"
                }
            case SpanField.Span.parentSpanID: parentID = UInt64(spanID: try reader.bytesView()) ?? 0
            case SpanField.Span.name:
                var text = reader
                if try !reader.skipString() { isSound = false }
                name = reader.offset - (try text.bytesView().count)..<reader.offset
            case SpanField.Span.kind: kind = try reader.varint()
            case SpanField.Span.startTime: start = try reader.fixed64()
            case SpanField.Span.endTime: end = try reader.fixed64()
            case SpanField.Span.status:
                let checked = try reader.message().checkStatus()
                status = checked.code
                if !checked.isSound { isSound = false }
            default: if try !reader.checkSpanField(field) { isSound = false }
            }
        }
        if let problem { return problem }
        if !traceID.isValid { return "a span without a trace id" }
        return spanID == 0 ? "a span without a span id" : nil
    }
}

extension TraceID {
    /// Reads 16 bytes, big-endian; `nil` for any other number of bytes and for the all-zero id.
    init?(bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.count == 16 else { return nil }
        let raw = UnsafeRawBufferPointer(bytes)
        self.init(
            high: UInt64(bigEndian: raw.loadUnaligned(as: UInt64.self)),
            low: UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        guard isValid else { return nil }
    }
}

extension UInt64 {
    /// Reads a span id of 8 bytes, big-endian; `nil` for any other number of bytes and for the all-zero id.
    init?(spanID bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.count == 8 else { return nil }
        self = UInt64(bigEndian: UnsafeRawBufferPointer(bytes).loadUnaligned(as: UInt64.self))
        guard self != 0 else { return nil }
    }
}
