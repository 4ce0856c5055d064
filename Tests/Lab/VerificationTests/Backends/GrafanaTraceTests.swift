import Testing

@testable import Verification

@Suite("The trace as Grafana reads it") struct GrafanaTraceTests {
    private typealias P = FakeProtobuf

    private func read(_ batch: [UInt8]) throws -> [GrafanaTrace.Span] {
        try GrafanaTrace(protobuf: P.field(1, P.field(1, batch)) + P.field(2, [])).spans
    }

    @Test func aTraceAnswerShowsWhetherTheTraceExists() throws {
        let id: [UInt8] = [0, 1, 2, 3, 4, 5, 6, 255]
        let bare = P.field(2, P.field(2, P.field(2, id)))
        #expect(
            try read(bare) == [
                .init(spanID: "00010203040506ff", hasStatus: false, hasScope: false, hasResource: false)
            ])
        let whole = P.field(2, P.field(2, P.field(2, id) + P.field(15, [])) + P.field(1, [])) + P.field(1, [])
        #expect(try read(whole) == [.init(spanID: "00010203040506ff")])
        #expect(try GrafanaTrace(protobuf: P.field(1, [])).spans.isEmpty)
    }

    @Test(arguments: [[0x0A, 0x05], [0x0B], Array("{\"trace\":{}}".utf8), [0x0A, 0x02, 0x0A, 0x07]] as [[UInt8]])
    func aMalformedTraceAnswerIsRefused(_ bytes: [UInt8]) {
        #expect(throws: (any Error).self) { try GrafanaTrace(protobuf: bytes) }
    }
}
