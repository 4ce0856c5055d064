import Encoding
import HTTP
import Vocabulary

/// Reads the members of a JSON request body and collects all errors, so that the answer can name every wrong field at
/// once.
package struct FieldReader {
    private let object: JSONObject
    private let prefix: String
    package private(set) var errors: [HTTPError.FieldError] = []

    /// - Throws: ``HTTPError`` 415 if the content type is not JSON, 400 if the body is not a JSON object.
    package init(_ request: Request) throws {
        if let type = request.headers[Header.contentType], !type.lowercased().hasPrefix("application/json") {
            throw HTTPError(
                .unsupportedMediaType, type: "unsupported-media-type",
                message: "expected content-type application/json, not \(type)")
        }
        try self.init(body: request.body)
    }

    package init(body: [UInt8]) throws {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: body)
        } catch {
            throw HTTPError(.badRequest, type: "malformed-json", message: "the body is \(error)")
        }
        guard let object = value.object else {
            throw HTTPError(.badRequest, type: "malformed-json", message: "the body must be a JSON object")
        }
        self.init(object: object, prefix: "")
    }

    private init(object: JSONObject, prefix: String) {
        self.object = object
        self.prefix = prefix
    }

    private mutating func wrong(_ name: String, _ message: String) {
        errors.append(HTTPError.FieldError(field: prefix + "/" + name, message: message))
    }

    /// Reads a string of 1 to `maximum` characters from the set `A-Z a-z 0-9 . _ : -`.
    package mutating func identifier(_ name: String, maximum: Int = 64) -> String {
        guard let value = object[name] else {
            wrong(name, "is required")
            return ""
        }
        guard let text = value.string, !text.isEmpty, text.utf8.count <= maximum,
            text.utf8.allSatisfy({
                switch $0 {
                case 48...57, 65...90, 97...122, 0x2E, 0x5F, 0x3A, 0x2D: true
                default: false
                }
            })
        else {
            wrong(name, "must be a text of 1 to \(maximum) letters, digits or . _ : -")
            return ""
        }
        return text
    }

    package mutating func integer(_ name: String, in range: ClosedRange<Int64>) -> Int64 {
        guard let value = object[name] else {
            wrong(name, "is required")
            return range.lowerBound
        }
        guard let number = value.integer, range.contains(number) else {
            wrong(name, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
            return range.lowerBound
        }
        return number
    }

    package mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String, _ type: Choice.Type
    ) -> Choice?
    where Choice.RawValue == String {
        guard let value = object[name] else {
            wrong(name, "is required")
            return nil
        }
        guard let text = value.string, let choice = Choice(rawValue: text) else {
            wrong(name, "must be one of " + Choice.allCases.map(\.rawValue).joined(separator: ", "))
            return nil
        }
        return choice
    }

    package mutating func nested<T>(_ name: String, _ read: (inout FieldReader) -> T) -> T? {
        guard let member = object[name] else {
            wrong(name, "is required")
            return nil
        }
        guard let inner = member.object else {
            wrong(name, "must be an object")
            return nil
        }
        var reader = FieldReader(object: inner, prefix: prefix + "/" + name)
        let result = read(&reader)
        errors += reader.errors
        return result
    }

    /// - Throws: ``HTTPError`` 422 that names every wrong field, if there are any.
    package func finish() throws {
        guard errors.isEmpty else {
            throw HTTPError(
                .unprocessableContent, type: "invalid-request",
                message: errors.map { "\($0.field) \($0.message)" }.joined(separator: "; "), fields: errors)
        }
    }
}
