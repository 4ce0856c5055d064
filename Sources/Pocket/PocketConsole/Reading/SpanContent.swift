import Encoding
import OTLP
import PocketStore
import TraceQL

/// What a span holds besides its columns, read from its bytes.
struct SpanContent {
    typealias Attribute = (name: String, value: TraceQL.Value)

    struct Event {
        var name = ""
        var time: UInt64 = 0
        var attributes: [Attribute] = []
    }

    struct Link {
        var trace = ""
        var span = ""
        var attributes: [Attribute] = []
    }

    private(set) var attributes: [Attribute] = []
    private(set) var events: [Event] = []
    private(set) var links: [Link] = []
    private(set) var message = ""

    init(_ span: StoredSpan) {
        self = span.payload.withUnsafeBufferPointer { SpanContent(payload: $0) }
    }

    /// - Parameter payload: OTLP's `Span`.
    init(payload: UnsafeBufferPointer<UInt8>) {
        // Spans are validated before they are stored; parts damaged since then are not shown.
        try? read(ProtobufReader(payload))
    }

    private mutating func read(_ reader: ProtobufReader) throws(ProtobufError) {
        var reader = reader
        while let field = try reader.nextField() {
            switch field {
            case SpanField.Span.attributes: attributes.append(try Self.attribute(reader.message()))
            case SpanField.Span.events: events.append(try Self.event(reader.message()))
            case SpanField.Span.links: links.append(try Self.link(reader.message()))
            case SpanField.Span.status:
                var status = try reader.message()
                while let field = try status.nextField() {
                    if field == SpanField.Status.message { message = try status.string() } else { try status.skip() }
                }
            default: try reader.skip()
            }
        }
    }

    private static func attribute(_ reader: ProtobufReader) throws(ProtobufError) -> Attribute {
        (try reader.attributeKey(), try reader.attributeValue())
    }

    private static func event(_ reader: ProtobufReader) throws(ProtobufError) -> Event {
        var reader = reader
        var event = Event()
        while let field = try reader.nextField() {
            switch field {
            case SpanField.Event.name: event.name = try reader.string()
            case SpanField.Event.time: event.time = try reader.fixed64()
            case SpanField.Event.attributes: event.attributes.append(try attribute(reader.message()))
            default: try reader.skip()
            }
        }
        return event
    }

    private static func link(_ reader: ProtobufReader) throws(ProtobufError) -> Link {
        var reader = reader
        var link = Link()
        while let field = try reader.nextField() {
            switch field {
            case SpanField.Link.traceID: link.trace = Hex.string(try reader.bytesView())
            case SpanField.Link.spanID: link.span = Hex.string(try reader.bytesView())
            case SpanField.Link.attributes: link.attributes.append(try attribute(reader.message()))
            default: try reader.skip()
            }
        }
        return link
    }
}

extension JSONWriter {
    /// Names and values in their order; an attribute may occur twice.
    mutating func attributes(_ attributes: [SpanContent.Attribute]) {
        array { json in
            for attribute in attributes {
                json.array {
                    $0.value(attribute.name)
                    $0.attribute(attribute.value)
                }
            }
        }
    }

    /// The maximum length of a text in bytes.
    private static let maximumText = 16 << 10

    /// The value of an attribute. Numbers that JavaScript cannot hold become text.
    mutating func attribute(_ attribute: TraceQL.Value) {
        switch attribute {
        case .missing: null()
        case .string(let text): value(LineJSON.cut(text, Self.maximumText))
        case .integer(let number), .duration(let number):
            if number.magnitude > 1 << 53 { value(String(number)) } else { value(number) }
        case .double(let number): if number.isFinite { value(number) } else { value("\(number)") }
        case .bool(let flag): value(flag)
        case .status(let status): value(status.name)
        case .kind(let kind): value(kind.name)
        case .list(let elements): array { json in for element in elements { json.attribute(element) } }
        }
    }
}
