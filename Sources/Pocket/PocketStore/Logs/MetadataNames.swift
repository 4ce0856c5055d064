import LogQL
import Vocabulary

/// The names of the fields that become structured metadata, looked up by the bytes of a line.
enum MetadataNames {
    /// In Loki's spelling, in the order in which metadata is stored.
    static let sorted = LokiShape.metadata.sorted()

    static let message = place(of: LogField.message)
    static let errorType = place(of: LogField.errorType)
    static let errorMessage = place(of: LogField.errorMessage)
    static let traceID = place(of: LogField.traceID)
    static let spanID = place(of: LogField.spanID)
    /// Those whose values are truncated.
    static let long = Set(LokiShape.longFields.map(place))

    /// The mark of a truncated line, and the index of the last name sorted before it.
    static let lastBeforeTruncated = (sorted.firstIndex { $0 > LokiMetadata.truncated } ?? sorted.endIndex) - 1

    /// The storage codes of the names; ids have their own forms.
    static let codes = sorted.map { LogMetadata.code(of: $0) }

    private static func place(of field: String) -> Int {
        let name = LokiShape.name(of: field)
        return sorted.firstIndex(of: name) ?? sorted.endIndex
    }

    /// The fields as spelled in lines, by length of name, so that each name is compared with few others.
    private static let byLength: [[(bytes: [UInt8], place: Int)]] = {
        let names = LokiShape.fields.map { (bytes: Array($0.utf8), place: place(of: $0)) }
        let longest = names.map(\.bytes.count).max() ?? 0
        return (0...longest).map { length in names.filter { $0.bytes.count == length } }
    }()

    /// The index in ``sorted`` of a line's field; `nil` for a field that does not become metadata.
    static func index(of name: UnsafeBufferPointer<UInt8>) -> Int? {
        guard name.count < byLength.count else { return nil }
        return byLength[name.count].first { $0.bytes.elementsEqual(name) }?.place
    }
}
