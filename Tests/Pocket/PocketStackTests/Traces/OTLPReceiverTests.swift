import Encoding
import Glibc
import HTTP
import OTLP
import Synchronization
import Testing

@testable import PocketAPI
@testable import PocketStore

@Suite("The OTLP receiver") struct OTLPReceiverTests {
    private static let json = Array(TraceFixture.everything.utf8)

    private static func protobuf() throws -> [UInt8] { try OTLPDecoder.traces(json: json).protobuf() }

    @Test(arguments: ["application/json", "application/json; charset=utf-8", "application/x-protobuf"], [false, true])
    func jsonAndProtobufAreAcceptedPlainAndCompressed(type: String, compressed: Bool) async throws {
        let tempo = try await TraceFixture()
        let body = type.contains("json") ? Self.json : try Self.protobuf()
        let response = try await tempo.push(
            compressed ? Gzip.compress(body) : body, type: type, encoding: compressed ? "gzip" : nil)
        #expect(response.status == .ok)
        let expected = type.contains("json") ? Array(#"{"partialSuccess":{}}"#.utf8) : [0x0A, 0x00]
        #expect(response.body == expected)
        #expect(response.headers["content-type"] == (type.contains("json") ? "application/json" : type))
        let accept: HTTPFields = ["accept": "application/protobuf"]
        let stored = try await tempo.get("/api/traces/\(TraceFixture.traceID)", headers: accept)
        #expect(try OTLPDecoder.traces(protobuf: stored.body) == OTLPDecoder.traces(json: Self.json))
    }

    @Test func anEmptyRequestIsAccepted() async throws {
        let tempo = try await TraceFixture()
        #expect(try await tempo.push(json: "{}").status == .ok)
        #expect(try await tempo.push([], type: "application/x-protobuf").status == .ok)
        #expect(try await tempo.store.spanCount() == 0)
    }

    @Test(arguments: [
        (#"{"resourceSpans":[{"#, "not valid JSON"), ("hello", "not valid JSON"), ("", "not valid JSON"),
        (TraceFixture.span(trace: "abcd"), "traceId"),
        (TraceFixture.span(trace: String(repeating: "z", count: 32)), "traceId"),
        (#"{"resourceSpans":[{"scopeSpans":[{"spans":"many"}]}]}"#, "spans"),
    ])
    func malformedJSONIsRefusedWithItsReason(body: String, message: String) async throws {
        let tempo = try await TraceFixture()
        let response = try await tempo.push(json: body)
        #expect(response.status == .badRequest)
        #expect(response.headers["content-type"] == "application/json")
        let status = try OTLPErrorStatus(response.body, as: .json)
        #expect(status.code == 3)
        #expect(status.message.contains(message), "\(status.message)")
        #expect(try await tempo.store.spanCount() == 0)
    }

    @Test func malformedProtobufStoresNothing() async throws {
        let tempo = try await TraceFixture()
        let whole = try Self.protobuf()
        for length in stride(from: whole.count - 1, to: 0, by: -7) {
            let response = try await tempo.push(Array(whole[..<length]), type: "application/x-protobuf")
            #expect(response.status == .badRequest, "\(length) of \(whole.count) bytes")
            #expect(response.headers["content-type"] == "application/x-protobuf")
            #expect(try OTLPErrorStatus(response.body, as: .protobuf).code == 3)
        }
        #expect(try await tempo.store.spanCount() == 0)
    }

    /// Values may nest 32 deep, which bounds the decoder's recursion.
    @Test(arguments: [(31, true), (40, false), (5000, false)])
    func valuesNestedTooDeepAreRefused(depth: Int, isAccepted: Bool) async throws {
        let tempo = try await TraceFixture()
        func message(_ field: UInt8, _ content: [UInt8]) -> [UInt8] {
            var output = ByteWriter()
            output.appendProtobuf(field: Int(field), size: content.count)
            output.append(contentsOf: content)
            return output.bytes
        }
        var value: [UInt8] = [0x18, 7]
        for _ in 0..<depth { value = message(5, message(1, value)) }
        let attribute = message(9, message(1, Array("k".utf8)) + message(2, value))
        let ids: [UInt8] = [0x0A, 16] + [UInt8](1...16) + [0x12, 8, 1, 2, 3, 4, 5, 6, 7, 8]
        let request = message(1, message(2, message(2, ids + attribute)))
        let response = try await tempo.push(request, type: "application/x-protobuf")
        #expect(response.status == (isAccepted ? .ok : .badRequest))
        #expect(try await tempo.store.spanCount() == (isAccepted ? 1 : 0))
    }

    @Test(arguments: ["", "text/plain", "application/protobuf"])
    func otherTypesAreRefused(type: String) async throws {
        let tempo = try await TraceFixture()
        #expect(try await tempo.push(Self.json, type: type).status == .unsupportedMediaType)
    }

    @Test func encodingsOtherThanGzipAreRefused() async throws {
        let tempo = try await TraceFixture()
        #expect(try await tempo.push(Self.json, encoding: "br").status == .badRequest)
        #expect(try await tempo.push(Array("not gzip".utf8), encoding: "gzip").status == .badRequest)
        let bomb = try Gzip.compress([UInt8](repeating: 0x20, count: OTLPReceiver.maximumDecompressedSize + 1))
        #expect(try await tempo.push(bomb, encoding: "gzip").status == .contentTooLarge)
    }

    @Test func bodiesAboveTheLimitAreRefused() async throws {
        let tempo = try await TraceFixture()
        let request = Request(method: .post, uri: "/v1/traces", bodyExceededLimit: true)
        let error = await #expect(throws: HTTPError.self) { try await tempo.send(request) }
        #expect(error?.status == .contentTooLarge)
    }

    @Test(arguments: [OTLPContentType.json, .protobuf])
    func spansWithoutValidIDsAreRejectedAndTheOthersKept(type: OTLPContentType) async throws {
        let tempo = try await TraceFixture()
        let body: [UInt8]
        switch type {
        case .json:
            let zero = String(repeating: "0", count: 32)
            let spans = ["", zero, TraceFixture.traceID].map {
                #"{"traceId":"\#($0)","spanId":"7085d31e4a9fbc26","name":"x"}"#
            }
            let request = #"{"resourceSpans":[{"scopeSpans":[{"spans":[\#(spans.joined(separator: ","))]}]}]}"#
            body = Array(request.utf8)
        case .protobuf:
            // Two spans without a trace id, then a good one.
            var spans = ByteWriter()
            for _ in 0..<2 {
                spans.appendProtobuf(field: SpanField.ScopeSpans.spans, size: 10)
                spans.append(contentsOf: [0x12, 8, 1, 2, 3, 4, 5, 6, 7, 8])
            }
            spans.appendProtobuf(field: SpanField.ScopeSpans.spans, size: 28)
            spans.append(contentsOf: [0x0A, 16] + [UInt8](1...16) + [0x12, 8, 1, 2, 3, 4, 5, 6, 7, 8])
            var scopes = ByteWriter()
            scopes.appendProtobuf(field: SpanField.ResourceSpans.scopeSpans, size: spans.count)
            scopes.append(contentsOf: spans.bytes)
            var request = ByteWriter()
            request.appendProtobuf(field: SpanField.Request.resourceSpans, size: scopes.count)
            request.append(contentsOf: scopes.bytes)
            body = request.bytes
        }
        let response = try await tempo.push(body, type: type.rawValue)
        #expect(response.status == .ok)
        let answer = try OTLPResponse(.traces, response.body, as: type)
        #expect(answer.rejected == 2)
        #expect(!answer.errorMessage.isEmpty)
        #expect(try await tempo.store.spanCount() == 1)
    }

    @Test func theTraceReceiverHasNoRouteForLogs() async throws {
        let tempo = try await TraceFixture()
        let error = await #expect(throws: HTTPError.self) {
            try await tempo.send(Request(method: .post, uri: "/v1/logs"))
        }
        #expect(error?.status == .notFound)
    }

    private func expectComeBack(_ response: Response) throws {
        #expect(response.status == .serviceUnavailable)
        #expect(response.headers["retry-after"] == "1")
        #expect(try OTLPErrorStatus(response.body, as: .json).code == 14)
    }

    @Test func aClosedStoreAsksTheSenderToRetry() async throws {
        let database = try await PocketDatabase.open(path: ":memory:", components: [TraceStore.component])
        await database.close()
        let tempo = try await TraceFixture(database: database)
        try expectComeBack(try await tempo.push(json: TraceFixture.everything))
    }

    @Test func aFullQueueAsksTheSenderToRetry() async throws {
        var configuration = PocketDatabase.Configuration()
        configuration.maximumPendingWrites = 1
        let database = try await PocketDatabase.open(
            path: ":memory:", components: [TraceStore.component], configuration: configuration)
        let tempo = try await TraceFixture(database: database)
        let gate = Mutex(false)
        // The writer is held here until the gate opens, a second write waits, a third finds no room.
        let (held, isHeld) = AsyncStream<Void>.makeStream()
        async let first: Void = database.write { _ in
            isHeld.finish()
            while !gate.withLock({ $0 }) { usleep(1000) }
        }
        for await _ in held {}
        async let second = tempo.push(json: TraceFixture.span())
        let deadline = ContinuousClock.now + .seconds(10)
        while database.pendingWrites == 0, ContinuousClock.now < deadline { await Task.yield() }
        let third = try await tempo.push(json: TraceFixture.everything)
        gate.withLock { $0 = true }
        try await first
        #expect(try await second.status == .ok)
        try expectComeBack(third)
        #expect(try await tempo.store.spanCount() == 1)
        await database.close()
    }
}
