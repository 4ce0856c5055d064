import Encoding
import Testing

@testable import OTLP

@Suite("Responses to OTLP requests")
struct OTLPResponseTests {
    static let responses = [
        OTLPResponse(), OTLPResponse(rejected: 3, errorMessage: "too old"), OTLPResponse(rejected: 1),
        OTLPResponse(errorMessage: "a warning é"),
        OTLPResponse(rejected: .max, errorMessage: String(repeating: "x", count: 300)),
    ]

    @Test("A response reads back unchanged", arguments: responses)
    func aResponseReadsBackUnchanged(response: OTLPResponse) throws {
        for kind in [OTLPSignalKind.traces, .logs] {
            for type in [OTLPContentType.protobuf, .json] {
                #expect(try OTLPResponse(kind, response.encode(kind, as: type), as: type) == response)
            }
        }
    }

    @Test("A response reads the same in the reference decoder")
    func aResponseReadsTheSameInTheReferenceDecoder() async throws {
        var commands: [JSONValue] = []
        var expected: [JSONValue] = []
        for response in Self.responses {
            for (kind, name) in [(OTLPSignalKind.traces, "traces"), (.logs, "logs")] {
                commands.append([
                    "response", .string(name), .string(Base64.string(response.encode(kind, as: .protobuf))),
                ])
                expected.append(try JSONValue(parsing: response.encode(kind, as: .json)))
            }
        }
        let status = OTLPErrorStatus(code: 3, message: "not OTLP")
        commands.append(["response", "status", .string(Base64.string(status.encode(as: .protobuf)))])
        expected.append(try JSONValue(parsing: status.encode(as: .json)))
        #expect(try await PythonOTLP.run(commands) == expected)
    }

    @Test("A JSON response uses the specified names")
    func aJSONResponseUsesTheSpecifiedNames() {
        let response = OTLPResponse(rejected: 2, errorMessage: "no")
        #expect(
            String(decoding: response.encode(.traces, as: .json), as: UTF8.self)
                == #"{"partialSuccess":{"rejectedSpans":"2","errorMessage":"no"}}"#)
        #expect(
            String(decoding: response.encode(.logs, as: .json), as: UTF8.self)
                == #"{"partialSuccess":{"rejectedLogRecords":"2","errorMessage":"no"}}"#)
        #expect(OTLPResponse().encode(.traces, as: .protobuf).isEmpty)
        #expect(OTLPResponse().encode(.traces, as: .json) == Array("{}".utf8))
    }

    @Test(
        "A malformed response is refused",
        arguments: ["[]", "{\"partialSuccess\":1}", "{\"partialSuccess\":{\"rejectedSpans\":\"x\"}}", "{"])
    func aMalformedResponseIsRefused(body: String) {
        #expect(throws: OTLPDecodingError.self) { try OTLPResponse(.traces, Array(body.utf8), as: .json) }
    }

    @Test("The count of refused spans may be a JSON number, and an empty body is a full success")
    func looseResponsesAreAccepted() throws {
        let body = Array(#"{"partialSuccess":{"rejectedSpans":2},"new":1}"#.utf8)
        #expect(try OTLPResponse(.traces, body, as: .json) == OTLPResponse(rejected: 2))
        #expect(try OTLPResponse(.traces, [], as: .json) == OTLPResponse())
        #expect(try OTLPResponse(.traces, [], as: .protobuf) == OTLPResponse())
    }

    @Test("The content types of OTLP are recognized")
    func contentTypesAreRecognized() {
        #expect(OTLPContentType(header: "application/x-protobuf") == .protobuf)
        #expect(OTLPContentType(header: "application/json; charset=utf-8") == .json)
        #expect(OTLPContentType(header: "Application/JSON ;x=y") == .json)
        #expect(OTLPContentType(header: "text/plain") == nil)
        #expect(OTLPContentType(header: "") == nil)
    }
}
