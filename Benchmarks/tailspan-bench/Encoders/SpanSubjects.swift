import OTLP
import OTelSDK
import TraceContext
import Tracing

/// A SERVER span with eight attributes: started and ended by the tracer, and encoded for OTLP.
struct SpanSubjects {
    static let batch = 512

    private let spans: [SpanData]
    private let request: RequestBuffer
    private let tracer = OTelTracer(processor: MultiSpanProcessor([]))

    init() {
        request = RequestBuffer(resource: .default)
        let ids = IDGenerator.seeded(1)
        spans = (0..<Self.batch).map { number in
            let start: UInt64 = 1_790_000_000_000_000_000 + UInt64(number) * 1_000_000
            return SpanData(
                context: SpanContext(
                    traceID: ids.makeTraceID(), spanID: ids.makeSpanID(), traceFlags: [.sampled, .random]),
                parentSpanID: ids.makeSpanID(), parentIsRemote: true, name: "POST /v1/tasks", kind: .server,
                startTime: start, endTime: start + 2_345_678, attributes: Self.attributes())
        }
    }

    var all: [Subject] {
        [
            Subject(name: "span_encoded") { count in
                // Rounded up to whole batches: a round has many.
                for _ in 0..<((count + Self.batch - 1) / Self.batch) { _ = request.encode(spans) }
            },
            Subject(name: "span_started_and_ended") { count in
                let parent = tracer.startSpan("request", context: .topLevel)
                for _ in 0..<count {
                    tracer.startSpan(
                        "POST /v1/tasks", context: parent.context, ofKind: .server, attributes: Self.attributes()
                    ).end()
                }
            },
        ]
    }

    /// The size of each span in bytes, without the enclosing request.
    var bytesPerSpan: Double {
        Double(request.encode(spans).count - request.encode([]).count) / Double(Self.batch)
    }

    private static func attributes() -> SpanAttributes {
        [
            "http.request.method": "POST", "http.route": "/v1/tasks", "url.path": "/v1/tasks", "url.scheme": "http",
            "client.address": "127.0.0.1", "user_agent.original": .string(agent),
            "tailspan.request.id": .string(requestID), "http.response.status_code": 201,
        ]
    }

    private static let agent = ["tailspan", "1.0.0", "linux"].joined(separator: "/")
    private static let requestID = ["7c1f03a9", "4de2b865"].joined()
}

/// The exporter's own writer, with its reused buffer.
final class RequestBuffer {
    private var writer: OTLPRequestWriter

    init(resource: Resource) {
        writer = OTLPRequestWriter(resource: resource, scope: OTLPScope(name: OTelSDK.name, version: OTelSDK.version))
    }

    func encode(_ spans: [SpanData]) -> [UInt8] { writer.request(spans) }
}
