import Encoding

/// Spans or log records that a sender wrote under the field names of the `.proto` files, where no receiver looks for
/// them.
///
/// OTLP/JSON uses names in lowerCamelCase only, and other fields must be ignored (OTLP 1.x, "JSON Protobuf Encoding").
/// A request with such names is therefore empty, and its sender deserves an explanation.
package struct OTLPMisnamedItems: Sendable, Equatable {
    /// The number of misnamed items.
    package var count = 0
    /// The name found and the name expected.
    package var message = ""

    /// Inspects a JSON request that was decoded but contained no items. Returns `nil` if the request is really empty.
    package init?(_ kind: OTLPSignalKind, json body: [UInt8]) {
        // Invalid JSON was refused before.
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
            // Reports the outermost name only: whoever fixes it sees the others next to it.
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
