import Arguments
import Encoding
import EventLoop
import HTTP
import OTelSDK
import TraceContext
import Tracing
import Vocabulary

/// Sends the spans of the corpus over OTLP/HTTP as the four services would: each service its own, one batch at a time.
struct SpansCommand: BenchCommand {
    static let configuration = CommandConfiguration("spans", abstract: "Sends the spans of some traces over OTLP/HTTP")

    @Option("url", value: "URL", .url, help: "Where to, such as http://127.0.0.1:4318/v1/traces.")
    var url: String
    @Option("batch", value: "N", .range(1...10_000), help: "How many spans a request has, or a few more.")
    var batch = 512
    @Option("samples", value: "N", .range(0...10_000), help: "How many trace ids are listed, spread over all.")
    var samples = 200
    @ArgumentGroup var part: CorpusOptions

    func run(on loop: EventLoop) async throws -> String {
        let client = HTTPClient(eventLoop: loop)
        let start = ContinuousClock.now
        let sent = try await withThrowingTaskGroup { group in
            for service in ServiceRole.allCases {
                group.addTask(executorPreference: loop) { try await send(service, client) }
            }
            return try await group.reduce(0, +)
        }
        let elapsed = (ContinuousClock.now - start) / .seconds(1)
        await client.shutdown()
        return JSONWriter.text { json in
            json.object { json in
                json.member("spans", sent)
                json.member("seconds", elapsed)
                json.name("trace_ids")
                json.array { json in for id in sample { json.value(id) } }
            }
        }
    }

    /// Returns how many spans were sent.
    private func send(_ service: ServiceRole, _ client: HTTPClient) async throws -> Int {
        let corpus = part.corpus
        let request = RequestBuffer(
            resource: .default.merging(
                Resource(attributes: ["service.name": .string(service.rawValue), "service.namespace": "tailspan"])))
        var (pending, sent) = ([SpanData](), 0)
        for trace in part.traces {
            pending += corpus.spans(trace, of: service)
            guard pending.count >= batch || trace == part.traces.last else { continue }
            let answer = try await client.execute(
                HTTPClient.Request(
                    method: .post, url: url, headers: ["content-type": "application/x-protobuf"],
                    body: request.encode(pending)),
                timeout: .seconds(60))
            guard answer.status == .ok else {
                let body = String(decoding: answer.body.prefix(200), as: UTF8.self)
                throw Refused(status: answer.status.code, body: body)
            }
            sent += pending.count
            pending.removeAll(keepingCapacity: true)
        }
        return sent
    }

    private var sample: [String] {
        let count = min(samples, part.count)
        return (0..<count).map { part.corpus.traceID(part.first + $0 * part.count / count).description }
    }

    private struct Refused: Error, CustomStringConvertible {
        let status: Int
        let body: String
        var description: String { "the spans were answered with \(status): \(body)" }
    }
}
