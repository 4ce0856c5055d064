import LogQL
import Vocabulary

/// The names of the fields that become structured metadata, found by the bytes of a line.
enum MetadataNames {
    /// As Loki has them, in the order in which metadata are stored.
    static let sorted = LokiShape.metadata.sorted()

    static let message = place(of: LogField.message)
    static let errorType = place(of: LogField.errorType)
    static let errorMessage = place(of: LogField.errorMessage)
    static let traceID = place(of: LogField.traceID)
    static let spanID = place(of: LogField.spanID)
    /// Those whose values are cut.
    static let long = Set(LokiShape.longFields.map(place))

    /// The last name before the mark of a line that was cut.
    static let lastBeforeTruncated = (sorted.firstIndex { $0 > LokiMetadata.truncated } ?? sorted.endIndex) - 1

    /// How a name is stored; the ids have forms of their own.
    static let codes = sorted.map { LogMetadata.code(of: $0) }

    private static func place(of field: String) -> Int {
        let name = LokiShape.name(of: field)
        return sorted.firstIndex(of: name) ?? sorted.endIndex
    }

    /// The fields as lines have them, by the length of their names: few are compared with any name.
    private static let byLength: [[(bytes: [UInt8], place: Int)]] = {
        let names = LokiShape.fields.map { (bytes: Array($0.utf8), place: place(of: $0)) }
        let longest = names.map(\.bytes.count).max() ?? 0
        return (0...longest).map { length in names.filter { $0.bytes.count == length } }
    }()

    /// The place in ``sorted`` of a line's field; `nil` for one that stays in the line alone.
    static func index(of name: UnsafeBufferPointer<UInt8>) -> Int? {
        guard name.count < byLength.count else { return nil }
        return byLength[name.count].first { $0.bytes.elementsEqual(name) }?.place
    }
}
