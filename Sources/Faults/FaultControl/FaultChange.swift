import Encoding
import FaultKinds
import FaultRules
import HTTP
import Vocabulary

/// The changes requested in the body of a control API request: rules separated by line ends or `;` as plain text, or
/// `{"rules":["…"],"seed":7}`.
struct FaultChange: Sendable {
    var rules: [FaultRule] = []
    var seed: UInt64?

    init(_ request: Request) throws(HTTPError) {
        let type = request.headers[Header.contentType]?.lowercased() ?? ""
        let first = request.body.first { !" \t\r\n".utf8.contains($0) }
        // No rule begins with a brace, so curl's --data works without a content type.
        if type.hasPrefix("application/json") || first == UInt8(ascii: "{") {
            try read(json: request.body)
        } else {
            guard let text = String(validating: request.body, as: UTF8.self) else {
                throw Self.error("the body is not UTF-8")
            }
            do { rules = try FaultRule.list(parsing: text) } catch { throw Self.error(error.description) }
        }
    }

    private mutating func read(json body: [UInt8]) throws(HTTPError) {
        let json: JSONValue
        do { json = try JSONValue(parsing: body) } catch { throw Self.error("the body is \(error)") }
        guard let members = json.object?.members else { throw Self.error(Self.expectation) }
        for (name, _) in members where name != "rules" && name != "seed" {
            let hint = Suggestion.closest(to: name, among: ["rules", "seed"]).map { "did you mean '\($0)'?" }
            throw Self.error("no member '\(name)': \(hint ?? "expected rules and seed")")
        }
        guard let texts = json["rules"]?.array else { throw Self.error(Self.expectation) }
        do { try FaultPlan.check(count: texts.count) } catch { throw Self.error(error.description) }
        for text in texts {
            guard let text = text.string else { throw Self.error(Self.expectation) }
            do { rules.append(try FaultRule(parsing: text)) } catch { throw Self.error(error.description) }
        }
        if let value = json["seed"], !value.isNull {
            guard let seed = FaultState.seed(value) else {
                throw Self.error("seed: expected a whole number from 0 to \(UInt64.max), as a number or a text")
            }
            self.seed = seed
        }
    }

    private static let expectation = #"expected rules by line, or {"rules":["payments:latency=200ms"],"seed":7}"#

    static func error(_ message: String) -> HTTPError {
        HTTPError(.badRequest, type: "invalid-fault", message: message)
    }
}
