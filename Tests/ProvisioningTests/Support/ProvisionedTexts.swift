import Encoding

/// The texts of a provisioning file as they are written. Which of them Grafana puts through its environment, and which it
/// takes as they are, `GrafanaInterpolation` says.
enum ProvisionedTexts {
    /// Each text with the path to it, such as `datasources.0.jsonData.derivedFields.1.url`.
    static func all(in value: JSONValue, _ path: String = "") -> [(path: String, text: String)] {
        switch value {
        case .string(let text): return [(path, text)]
        case .array(let elements):
            return elements.enumerated().flatMap { all(in: $0.element, path + ".\($0.offset)") }
        case .object(let object): return object.members.flatMap { all(in: $0.value, path + "." + $0.name) }
        default: return []
        }
    }

    /// The dollar signs that Grafana would take for the beginning of an environment variable, or that stay by luck only.
    static func loneDollars(in text: String) -> Int {
        text.replacing("$$", with: "").count { $0 == "$" }
    }
}
