import Encoding
import Vocabulary

extension LogRecord {
    /// The fields of the line, except the trace id, that the store lacks as structured metadata or has with another
    /// value. Panels, alerts and other readers of metadata do not see them.
    package var fieldsWithoutMetadata: [String] {
        guard format == .json || format == .text else { return [] }
        return LokiShape.fields.filter { field in
            guard field != LogField.traceID, var value = ownValue(of: field), !value.isEmpty else { return false }
            if LokiShape.longFields.contains(field) { value = LokiShape.cut(value) }
            return !Self.same(value, labels[LokiShape.name(of: field)])
        }
    }

    private func ownValue(of field: String) -> String? {
        let own = fields[field]?.plainText
        return switch field {
        case LogField.errorType: own ?? partOfError(ErrorPart.type)
        case LogField.errorMessage: own ?? partOfError(ErrorPart.message)
        default: own
        }
    }

    /// JSON nests error fields in an object, the text format has pairs.
    private func partOfError(_ name: String) -> String? {
        fields[LogField.error]?[name]?.plainText ?? fields[ErrorPart.field(of: name)]?.plainText
    }

    /// A number can be written in several ways.
    private static func same(_ value: String, _ stored: String?) -> Bool {
        guard let stored, stored != value else { return stored != nil }
        guard let number = Double(value), let other = Double(stored) else { return false }
        return number == other
    }
}
