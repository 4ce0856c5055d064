import Encoding

/// Spans or log records that a sender wrote where no receiver looks for them: under the names of the `.proto` files.
///
/// OTLP/JSON knows names in lowerCamelCase only, and fields of other names must be ignored (OTLP 1.x, "JSON Protobuf
/// Encoding"). A request of such names holds nothing, and its sender should be told instead of left to wonder.
package struct OTLPMisnamedItems: Sendable, Equatable {
    /// How many there are.
    package var count = 0
    /// Which name was met and which was expected.
    package var message = ""

    /// Looks through a request in JSON that was read and found to hold nothing. `nil` if it is empty indeed.
    package init?(_ kind: OTLPSignalKind, json body: [UInt8]) {
        // What could not be read was refused before.
        guard let request = try? JSONValue(parsing: body, repairingText: true), let object = request.object else {
            return nil
        }
        let levels: [(name: String, original: String)] =
            switch kind {
            case .traces: [("resourceSpans", "resource_spans"), ("scopeSpans", "scope_spans"), ("spans", "spans")]
            case .logs: [("resourceLogs", "resource_logs"), ("scopeLogs", "scope_logs"), ("logRecords", "log_records")]
            }
        count = countItems(of: request, levels[...])
        let expected = levels[0].name
        if message.isEmpty, !object.members.isEmpty, !object.members.contains(where: { $0.name == expected }) {
            message = Self.message(object.members[0].name, expected)
        }
        if message.isEmpty { return nil }
    }

    private mutating func countItems(
        of value: JSONValue, _ levels: ArraySlice<(name: String, original: String)>
    ) -> Int {
        guard let level = levels.first else { return 1 }
        var total = 0
        for name in level.name == level.original ? [level.name] : [level.name, level.original] {
            guard let elements = value[name]?.array else { continue }
            // The outermost name is told: whoever mends that one finds the others beside it.
            if name != level.name, message.isEmpty { message = Self.message(name, level.name) }
            for element in elements { total += countItems(of: element, levels.dropFirst()) }
        }
        return total
    }

    private static func message(_ found: String, _ expected: String) -> String {
        "nothing was taken: found \"\(found.prefix(80))\" where \"\(expected)\" was expected; names are lowerCamelCase in "
            + "OTLP/JSON"
    }
}
