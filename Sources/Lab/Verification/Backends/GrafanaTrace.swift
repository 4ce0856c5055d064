import Encoding
import OTLP

/// A trace in the protobuf form of `/api/v2/traces/{id}`, read as strictly as Grafana's trace view reads it: the view
/// accesses every part without checking that it is present.
package struct GrafanaTrace: Sendable, Equatable {
    package struct Span: Sendable, Equatable {
        /// In hex.
        package var spanID: String
        package var hasStatus: Bool
        /// Whether the span is inside a scope and a resource.
        package var hasScope: Bool
        package var hasResource: Bool

        package init(spanID: String, hasStatus: Bool = true, hasScope: Bool = true, hasResource: Bool = true) {
            self.spanID = spanID
            self.hasStatus = hasStatus
            self.hasScope = hasScope
            self.hasResource = hasResource
        }
    }

    package var spans: [Span]

    package init(spans: [Span]) { self.spans = spans }

    /// Reads `TraceByIDResponse`: the trace is its field 1.
    package init(protobuf bytes: [UInt8]) throws(ProtobufError) {
        var result: Result<[Span], ProtobufError> = .success([])
        bytes.withUnsafeBufferPointer { buffer in
            do throws(ProtobufError) { result = .success(try Self.response(ProtobufReader(buffer))) } catch {
                result = .failure(error)
            }
        }
        spans = try result.get()
    }

    private static func response(_ reader: ProtobufReader) throws(ProtobufError) -> [Span] {
        var reader = reader
        var spans: [Span] = []
        while let field = try reader.nextField() {
            guard field == 1 else {
                try reader.skip()
                continue
            }
            var trace = try reader.message()
            while let field = try trace.nextField() {
                if field == 1 { spans += try resourceSpans(trace.message()) } else { try trace.skip() }
            }
        }
        return spans
    }

    private static func resourceSpans(_ reader: ProtobufReader) throws(ProtobufError) -> [Span] {
        var reader = reader
        var spans: [Span] = []
        var hasResource = false
        while let field = try reader.nextField() {
            switch field {
            case 1:
                hasResource = true
                try check(reader.message())
            case 2: spans += try scopeSpans(reader.message())
            default: try reader.skip()
            }
        }
        for index in spans.indices { spans[index].hasResource = hasResource }
        return spans
    }

    private static func scopeSpans(_ reader: ProtobufReader) throws(ProtobufError) -> [Span] {
        var reader = reader
        var spans: [Span] = []
        var hasScope = false
        while let field = try reader.nextField() {
            switch field {
            case 1:
                hasScope = true
                try check(reader.message())
            case 2: spans.append(try span(reader.message()))
            default: try reader.skip()
            }
        }
        for index in spans.indices { spans[index].hasScope = hasScope }
        return spans
    }

    private static func span(_ reader: ProtobufReader) throws(ProtobufError) -> Span {
        var reader = reader
        var span = Span(spanID: "", hasStatus: false)
        while let field = try reader.nextField() {
            switch field {
            case 2: span.spanID = Hex.string(Array(try reader.bytesView()))
            case 15:
                span.hasStatus = true
                try check(reader.message())
            default: try reader.skip()
            }
        }
        return span
    }

    /// Validates a message by reading it to its end.
    private static func check(_ reader: ProtobufReader) throws(ProtobufError) {
        var reader = reader
        while try reader.nextField() != nil { try reader.skip() }
    }
}
