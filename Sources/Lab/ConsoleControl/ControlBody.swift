import Encoding
import HTTP

/// The JSON body of a request, read member by member. An empty body has no members.
struct ControlBody: Sendable {
    private let members: JSONObject

    /// - Parameter names: the members that there may be.
    /// - Throws: `HTTPError` 400 for anything but an object with these members.
    init(_ request: Request, knows names: [String]) throws(HTTPError) {
        guard !request.body.isEmpty else {
            members = JSONObject()
            return
        }
        let json: JSONValue
        do { json = try JSONValue(parsing: request.body) } catch { throw Self.error("the body is \(error)") }
        guard let members = json.object else { throw Self.error("expected a JSON object") }
        for (name, _) in members.members where !names.contains(name) {
            let hint =
                Suggestion.closest(to: name, among: names).map { "did you mean '\($0)'?" }
                ?? (names.isEmpty ? "expected none" : "expected \(names.joined(separator: ", "))")
            throw Self.error("no member '\(name)': \(hint)")
        }
        self.members = members
    }

    /// `nil` if there is no such member, or it is `null`.
    subscript(_ name: String) -> JSONValue? { members[name].flatMap { $0.isNull ? nil : $0 } }

    /// - Parameter limit: the maximum length in bytes; the body as a whole is limited by the server.
    func text(_ name: String, limit: Int = .max) throws(HTTPError) -> String? {
        guard let value = self[name] else { return nil }
        guard let text = value.string else { throw Self.error("'\(name)': expected a text") }
        guard text.utf8.count <= limit else { throw Self.error("'\(name)': expected at most \(limit) bytes") }
        return text
    }

    func requiredText(_ name: String) throws(HTTPError) -> String {
        guard let text = try text(name), !text.isEmpty else { throw Self.error("expected '\(name)', a text") }
        return text
    }

    func number(_ name: String, in range: ClosedRange<Double>, default standard: Double) throws(HTTPError) -> Double {
        guard let value = self[name] else { return standard }
        guard let number = value.double, range.contains(number) else {
            throw Self.error(
                "'\(name)': expected a number from \(range.lowerBound.shortText) to \(range.upperBound.shortText)")
        }
        return number
    }

    static func error(_ message: String) -> HTTPError {
        HTTPError(.badRequest, type: "invalid-body", message: message)
    }
}

extension JSONWriter {
    /// A text, or `null`.
    mutating func optional(_ name: String, _ value: String?) {
        self.name(name)
        if let value { self.value(value) } else { null() }
    }

    mutating func optional(_ name: String, _ value: Int?) {
        self.name(name)
        if let value { self.value(value) } else { null() }
    }

    mutating func texts(_ name: String, _ values: some Sequence<String>) {
        self.name(name)
        array { for value in values { $0.value(value) } }
    }
}
