import Encoding

/// What Grafana does to the texts of a provisioning file, field by field: most are put through the environment, some are
/// taken as they are, since they hold templates or queries of their own.
///
/// Dashboards are never expanded: they are JSON of the browser, not settings of the server.
enum GrafanaInterpolation {
    enum Field: Sendable, Equatable {
        /// `$NAME`, `${NAME}` and `$$` are replaced.
        case expanded
        /// Every dollar sign stays.
        case raw
    }

    /// How Grafana treats the text at a path of names and positions, such as `groups.0.rules.1.annotations.summary`.
    static func field(at path: [String]) -> Field {
        guard path.first == "groups", path.count > 5, path[2] == "rules" else { return .expanded }
        // An alert's annotations are templates that are filled in when it fires. Its labels are, too, but were always
        // expanded.
        if path[4] == "annotations" { return .raw }
        // The model is a data source's query, with variables of its own.
        return path[4] == "data" && path.count > 7 && path[6] == "model" ? .raw : .expanded
    }

    /// The file as Grafana has it once it has read it.
    static func expand(_ file: JSONValue, _ environment: [String: String]) -> JSONValue {
        expand(file, [], environment)
    }

    private static func expand(_ value: JSONValue, _ path: [String], _ environment: [String: String]) -> JSONValue {
        switch value {
        case .string(let text):
            field(at: path) == .expanded ? .string(EnvironmentExpansion.expand(text, environment)) : value
        case .array(let elements):
            .array(elements.enumerated().map { expand($0.element, path + [String($0.offset)], environment) })
        case .object(let object):
            .object(JSONObject(object.members.map { ($0.name, expand($0.value, path + [$0.name], environment)) }))
        default: value
        }
    }
}
