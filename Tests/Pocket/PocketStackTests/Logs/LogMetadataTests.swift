import Testing

@testable import LogQL

@Suite("The encoding of structured metadata") struct LogMetadataTests {
    @Test(arguments: [
        [], [Label("trace_id", "0af7651916cd43dd8448eb211c80319c"), Label("span_id", "b7ad6b7169203331")],
        [Label("trace_id", "not hex"), Label("span_id", ""), Label("request_id", "r-1")],
        [Label("trace_id", "0AF7651916CD43DD8448EB211C80319C")], [Label("odd name", "värde"), Label("x", "")],
        [Label("long", String(repeating: "y", count: 20_000))],
        [Label("detected_level", "info"), Label("truncated", "true")],
    ])
    func encodedMetadataKeepsEveryLabel(labels: [Label]) {
        var bytes: [UInt8] = []
        LogMetadata.append(labels, to: &bytes)
        bytes.withUnsafeBufferPointer { stored in
            #expect(LogMetadata.labels(stored) == labels.sorted())
            for label in labels { #expect(LogMetadata.contains(anyOf: ["nope", label.name], stored)) }
            #expect(!LogMetadata.contains(anyOf: ["nope"], stored))
        }
    }

    @Test func idsAreStoredAsBytes() {
        var bytes: [UInt8] = []
        LogMetadata.append(
            [Label("trace_id", "0af7651916cd43dd8448eb211c80319c"), Label("span_id", "b7ad6b7169203331")], to: &bytes)
        #expect(bytes.count == 17 + 9)
    }

    @Test func malformedBytesDecodeToNoLabels() {
        for bytes: [UInt8] in [[1, 2, 3], [0, 200], [0, 1, 65], [250, 1, 65], [3, 255, 255, 255, 255, 255]] {
            bytes.withUnsafeBufferPointer { #expect(LogMetadata.labels($0).isEmpty) }
        }
    }
}
